import type { Tracer } from '@opentelemetry/api';
import type { Cancellation } from './cancellation.ts';
import type { BackgroundWork } from './background.ts';
import type { Clock } from './clock.ts';
import type { ContentGate } from './content/content-gate.ts';
import type { execute } from './execute.ts';
import type { Health } from './health.ts';
import type { ExceptionSignals } from './exceptions.ts';
import type { RuntimeHooks } from './hooks/hooks.ts';
import type { Limits } from './limits.ts';
import type { LogSink } from './logs.ts';
import type { OpenSpan } from './open-span.ts';
import type { openStream } from './streams/operation-stream.ts';
import type { RunningScope } from './running-scope.ts';

/** What every operation of one runtime shares, decided once by the composition root. */
export interface KernelSettings {
  readonly tracer: Tracer;
  readonly clock: Clock;
  readonly limits: Limits;
  /** What every outgoing text passes; scopes may have a stricter one. */
  readonly gate: ContentGate;
  readonly health: Health;
  readonly exceptions: { readonly signals: ExceptionSignals; readonly logs: LogSink };
  /** Names of operations that have no span of their own. */
  readonly suppress: ReadonlySet<string>;
  /** The time to give to spans, as seconds and nanoseconds; none on the system clock, where the SDK keeps better time itself. */
  spanTime(): [number, number] | undefined;
}

/** A runtime as its operations see it. */
export interface Kernel {
  readonly settings: KernelSettings;
  /** The root of the tree of open spans. */
  readonly spans: OpenSpan;
  readonly cancellation: Cancellation;
  /** Aborted when the runtime begins to close: lifecycles stop politely then. */
  readonly stopping: Cancellation;
  readonly hooks: RuntimeHooks;
  /** What nobody waits for before the runtime closes. */
  readonly background: BackgroundWork;
  /** The scope of work that nothing of this runtime surrounds. */
  readonly rootScope: RunningScope;
  /** The two verbs; here, so that a scope can offer them without importing what makes scopes. */
  readonly execute: typeof execute;
  readonly openStream: typeof openStream;
  /** False once `close` was called: nothing new may start outside work that is already running. */
  readonly accepting: boolean;
}
