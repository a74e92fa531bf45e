import { requireAnswer } from '../kernel/check.ts';
import { isTracewrightError } from '../kernel/errors.ts';
import { classify } from '../kernel/outcome.ts';
import type { RunningScope } from '../kernel/running-scope.ts';
import { reportFault } from '../kernel/telemetry.ts';
import type { Circuit, Verdict } from './breaker-circuit.ts';

/** How a call was let through, and how its errors are judged. */
export interface Admission {
  readonly pass: number;
  readonly isFailure: ((error: unknown) => boolean) | undefined;
}

/** One call that a breaker let through. It tells the circuit once how it went: when it ends, or when nobody waits for it any longer. */
export class BreakerCall {
  readonly #circuit: Circuit;
  readonly #scope: RunningScope;
  readonly #admission: Admission;
  readonly #unsubscribe: (() => void) | undefined;
  #told = false;

  constructor(circuit: Circuit, scope: RunningScope, admission: Admission) {
    this.#circuit = circuit;
    this.#scope = scope;
    this.#admission = admission;
    // Work that ignores its signal may never end, and would keep its trial for ever.
    this.#unsubscribe = scope.own.subscribe(this.#cancelled);
  }

  readonly succeeded = (): void => this.#tell('success');

  /** A stream that its consumer has left says nothing of what would have come. */
  readonly consumed = (outcome: unknown): void => this.#tell(outcome === 'done' ? 'success' : 'unknown');

  readonly failed = (error: unknown): void => {
    if (!this.#told) this.#tell(this.#judge(error));
  };

  readonly #cancelled = (reason: unknown): void => this.failed(reason);

  #tell(verdict: Verdict): void {
    if (this.#told) return;
    this.#told = true;
    // Not there yet where the work was cancelled before it began.
    this.#unsubscribe?.();
    this.#circuit.tell(this.#admission.pass, verdict, this.#scope.clock.monotonic());
  }

  #judge(error: unknown): Verdict {
    const failure = classify(error, this.#scope.parts.cancellation);
    if (failure.outcome === 'cancelled') return failure.by === 'timeout' ? this.#ask(error) : 'unknown';
    // Ours, and no time-out: the work was refused, or its author's mistake. What the breaker guards was not even asked.
    return isTracewrightError(error) ? 'unknown' : this.#ask(error);
  }

  #ask(error: unknown): Verdict {
    const { isFailure } = this.#admission;
    if (isFailure === undefined) return 'failure';
    try {
      const answer = this.#scope.activate(() => isFailure(error));
      return requireAnswer('breaker.isFailure', answer) ? 'failure' : 'success';
    } catch (mistake) {
      reportFault(`isFailure of the breaker around ${this.#scope.name} failed`, mistake);
      return 'failure';
    }
  }
}
