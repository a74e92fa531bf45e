import { Bell } from './bell.ts';

/** Counts what is held, and lets one wait until that is less. */
export class Holding {
  #count = 0;
  readonly #less = new Bell();

  get count(): number {
    return this.#count;
  }

  add(): void {
    this.#count += 1;
  }

  remove(count = 1): void {
    this.#count -= count;
    this.#less.ring();
  }

  /** Resolves when fewer than `limit` are held, at the latest when `signal` aborts. Only one may wait at a time. */
  async below(limit: number, signal: AbortSignal): Promise<void> {
    while (this.#count >= limit && !signal.aborted) await this.#less.wait(signal);
  }
}
