import { Cancellation, cancelledBy } from '../kernel/cancellation.ts';
import { classify } from '../kernel/outcome.ts';
import type { RunningScope } from '../kernel/running-scope.ts';
import type { Ending } from './outcome.ts';

/** Where a lifecycle can be ended, for all its lives. */
export interface LifecycleCancellations {
  readonly cancellation: Cancellation;
  readonly stopping: Cancellation;
}

/** The three signals of one life. Whoever aborts, listeners run in the scope of the life, so that what they start belongs there. */
export class LifeSignals {
  readonly cancellation: Cancellation;
  readonly stopping: Cancellation;
  readonly #above: LifecycleCancellations;
  #grace: Cancellation | undefined;
  #unsubscribe: (() => void)[] = [];

  constructor(above: LifecycleCancellations) {
    this.#above = above;
    this.cancellation = new Cancellation(above.cancellation);
    this.stopping = new Cancellation(above.stopping);
  }

  /** Aborts on either of the two. */
  get grace(): Cancellation {
    this.#grace ??= new Cancellation(this.cancellation, this.stopping.signal);
    return this.#grace;
  }

  /** @param onEnding called when the life is stopped or terminated, maybe at once */
  follow(scope: RunningScope, onEnding: () => void): void {
    const relay = (from: Cancellation, to: Cancellation): (() => void) =>
      from.subscribe((reason) => {
        scope.activate(() => to.abort(reason));
        onEnding();
      });
    this.#unsubscribe = [relay(this.#above.stopping, this.stopping), relay(this.#above.cancellation, this.cancellation)];
  }

  /** How a life ends that does not fail, by what has happened so far. */
  get ending(): Ending {
    const { cancellation, stopping } = this;
    if (cancellation.aborted) return { status: 'terminated', reason: cancellation.reason };
    return stopping.aborted ? { status: 'stopped', reason: stopping.reason } : { status: 'ok' };
  }

  /** Whether `error` only says that the life was stopped or terminated, as what is cancelled does. A time-out of something else in it does not. */
  explain(error: unknown): boolean {
    return [this.cancellation, this.stopping].some((cancellation) => {
      if (!cancellation.aborted) return false;
      // Where the reason itself cannot be read: this comes first.
      if (cancellation.reason === error) return true;
      const failure = classify(error, cancellation);
      return failure.outcome === 'cancelled' && failure.by === cancelledBy(cancellation.reason);
    });
  }

  release(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const cancellation of [this.cancellation, this.stopping, this.#grace]) cancellation?.release();
  }
}
