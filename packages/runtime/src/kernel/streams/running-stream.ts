import { emptyContext } from '../context.ts';
import type { Failure } from '../outcome.ts';
import type { StreamOutcome } from './owned-stream.ts';
import type { RunningScope } from '../running-scope.ts';
import { type StreamLimits, watchLimits } from './stream-limits.ts';
import { StreamPlace } from './stream-place.ts';
import { StreamTiming } from './stream-timing.ts';

/** What can end a stream from outside, and who is told. */
export interface StreamEvents {
  readonly limits: StreamLimits;
  /** Whether the consumer waits for an item. */
  isAsked(): boolean;
  onCancel(reason: unknown): void;
  onStraggling(): void;
}

/** A stream from its first pull to its end: its scope, the place where its work runs, its times and its limits. */
export class RunningStream {
  readonly scope: RunningScope;
  readonly place: StreamPlace;
  readonly timing: StreamTiming;
  #stopWatch: (() => void) | undefined;

  /** Call it in the asynchronous context in which the stream was made. */
  constructor(scope: RunningScope) {
    this.scope = scope;
    this.timing = new StreamTiming(scope.clock);
    this.place = new StreamPlace(scope);
  }

  watch({ limits, isAsked, onCancel, onStraggling }: StreamEvents): void {
    const { clock, name, parts } = this.scope;
    // Taken off again when the span ends, with all that listens to the cancellation.
    parts.cancellation.subscribe(onCancel);
    parts.spans.onStraggling(onStraggling);
    const cancel = (reason: Error): void => parts.cancellation.abort(reason);
    this.#stopWatch = watchLimits(limits, { name, clock, idleMs: () => this.timing.idleMs, isAsked, cancel });
  }

  fail(failure: Failure): void {
    const { parts, context } = this.scope;
    parts.spans.fail(failure, context ?? emptyContext);
  }

  end(outcome: StreamOutcome): void {
    this.#stopWatch?.();
    this.scope.parts.spans.end(this.timing.describe(outcome));
  }
}
