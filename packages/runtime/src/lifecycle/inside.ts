import { currentScope } from '../kernel/ambient.ts';
import { TracewrightError } from '../kernel/errors.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { OpenSpan } from '../kernel/open-span.ts';
import { RunningScope } from '../kernel/running-scope.ts';
import type { Life } from './life.ts';
import type { RunningLifecycle } from './running-lifecycle.ts';

/** Lives by the ground that their work stands on. */
const lives = new WeakMap<OpenSpan, Life>();

/** What whoever waits for the end of a whole runtime from inside one of its lifecycles gets; `undefined` outside. */
export function refusalToWaitFor(kernel: Kernel): TracewrightError | undefined {
  const life = lifeAround();
  if (life === undefined || life.scope.kernel !== kernel) return undefined;
  const { path } = life.owner;
  const message = `the runtime was to be waited for inside ${path}, which it waits for: call close there without awaiting it, or await it after done`;
  return new TracewrightError('TW_LIFECYCLE_STATE', message, { data: { lifecycle: path, state: life.state } });
}

export function rememberLife(life: Life): void {
  lives.set(life.scope.parts.spans, life);
}

/** The life that this code runs in, by the context that the host's context manager carries along. */
function lifeAround(): Life | undefined {
  const scope = currentScope();
  if (!(scope instanceof RunningScope)) return undefined;
  const { spans } = scope.parts.surroundings.ground;
  // What an ended lifecycle left behind is waited for by nobody.
  return spans.ended ? undefined : lives.get(spans);
}

/** Whether this code runs in `lifecycle` or below it. */
export function isInside(lifecycle: RunningLifecycle): boolean {
  let life = lifeAround();
  while (life !== undefined && life.owner !== lifecycle) life = life.owner.parent;
  return life !== undefined;
}
