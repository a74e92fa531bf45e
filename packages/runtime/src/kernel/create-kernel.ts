import { attributes } from '@tracewright/conventions';
import { BackgroundWork } from './background.ts';
import { Cancellation } from './cancellation.ts';
import { execute } from './execute.ts';
import { RuntimeHooks } from './hooks/hooks.ts';
import { noIdentity } from './identity.ts';
import type { Kernel, KernelSettings } from './kernel.ts';
import { OpenSpan } from './open-span.ts';
import { openStream } from './streams/operation-stream.ts';
import type { Principal } from './principal.ts';
import { RunningScope } from './running-scope.ts';

/** A kernel whose intake can be closed by who made it. */
export interface OwnedKernel extends Kernel {
  stopIntake(): void;
}

/** Puts the parts of a kernel together. Starts nothing. */
export function createKernel(settings: KernelSettings, principal: Principal): OwnedKernel {
  let accepting = true;
  const spans = OpenSpan.forRuntime(settings);
  const cancellation = new Cancellation();
  const background = new BackgroundWork();
  const countHookFailure = (outcome: string, hook: string): void => {
    // The name is an author's text.
    const labels = settings.gate.attributes({ [attributes.hookName.key]: hook, [attributes.hookOutcome.key]: outcome }, 'metric');
    settings.health.count('hookFailures', 1, labels);
  };
  const hooks = new RuntimeHooks({ count: countHookFailure, background });
  const kernel: OwnedKernel = {
    settings,
    spans,
    cancellation,
    stopping: new Cancellation(cancellation),
    hooks,
    background,
    execute,
    openStream,
    get rootScope() {
      return rootScope;
    },
    get accepting() {
      return accepting;
    },
    stopIntake: () => {
      accepting = false;
    },
  };
  const parts = {
    name: 'runtime',
    spans,
    principal,
    identity: noIdentity,
    cancellation,
    ownsCancellation: true,
    deadline: undefined,
    cause: undefined,
    inputs: [],
    surroundings: {
      ground: { spans, cancellation },
      gate: settings.gate,
      hooks: hooks.set,
      carriesContent: false,
      outerSecrets: undefined,
    },
  };
  const rootScope = new RunningScope(kernel, parts, undefined);
  return kernel;
}
