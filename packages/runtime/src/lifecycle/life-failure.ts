import { isObject } from '../kernel/check.ts';
import { TracewrightError } from '../kernel/errors.ts';
import { markFatal } from '../kernel/fatal.ts';
import type { OutcomeLog } from './outcome.ts';

/** Whether and how one life has failed: the first failure is its own, later ones are kept in the log. */
export class LifeFailure {
  readonly #path: string;
  readonly #log: OutcomeLog;
  readonly #above: LifeFailure | undefined;
  /** Errors that only say that this life has failed, whose failure is known. */
  readonly #told = new WeakSet<object>();
  #first: { readonly error: unknown } | undefined;

  constructor({ path, log }: { readonly path: string; readonly log: OutcomeLog }, above: LifeFailure | undefined) {
    this.#path = path;
    this.#log = log;
    this.#above = above;
  }

  get first(): { readonly error: unknown } | undefined {
    return this.#first;
  }

  /** Gives what the signal of the life is to abort with, where this is the first failure. */
  add(error: unknown): TracewrightError | undefined {
    if (this.#first !== undefined) {
      if (this.#first.error !== error) this.#log.add({ path: this.#path, error });
      return undefined;
    }
    this.#first = { error };
    return this.#tell(error);
  }

  /** What `fatal` throws. Another object than what the signal aborts with: the work that failed has not been cancelled. */
  thrownFor(error: unknown): TracewrightError {
    const thrown = this.#tell(error);
    markFatal(thrown, error);
    return thrown;
  }

  /** Whether `error` only says that this life, or one above, has failed. */
  isTold(error: unknown): boolean {
    return isObject(error) && (this.#told.has(error) || this.#above?.isTold(error) === true);
  }

  #tell(error: unknown): TracewrightError {
    const told = new TracewrightError('TW_LIFECYCLE_FAILED', `${this.#path} failed`, { data: { lifecycle: this.#path }, cause: error });
    this.#told.add(told);
    return told;
  }
}
