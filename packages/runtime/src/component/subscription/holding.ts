import { Bell } from './bell.ts';

/** Counts what is held, and lets one wait until that is less. */
export class Holding {
  #count = 0;
  readonly #less = new Bell();
  /** How few who waits waits for, as things stand. */
  #limitOf: () => number = () => 0;

  get count(): number {
    return this.#count;
  }

  add(): void {
    this.#count += 1;
  }

  remove(count = 1): void {
    this.#count -= count;
    if (this.#count < this.#limitOf()) this.#less.ring();
  }

  /** Resolves when fewer than `limitOf` says are held, at the latest when `signal` aborts. Only one may wait at a time. */
  async below(limitOf: () => number, signal: AbortSignal): Promise<void> {
    this.#limitOf = limitOf;
    while (this.#count >= limitOf() && !signal.aborted) await this.#less.wait(signal);
  }
}
