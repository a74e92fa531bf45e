import { Cancellation } from '../kernel/cancellation.ts';
import type { RunningScope } from '../kernel/running-scope.ts';

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

  release(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const cancellation of [this.cancellation, this.stopping, this.#grace]) cancellation?.release();
  }
}
