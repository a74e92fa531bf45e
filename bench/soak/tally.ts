import { EventEmitter, once } from 'node:events';

/** How many messages may be under way: whoever sends waits for whoever receives. */
export const messageWindow = 1000;

const maxCount = 255;

/** Which of a number of messages have been handled, and how often. It keeps one byte for each, outside of the heap that is measured. */
export class Tally {
  readonly #counts: Uint8Array;
  readonly #progress = new EventEmitter();
  #handled = 0;
  /** Handlings after the first of a message. */
  #repeated = 0;
  /** Those of them that were no further delivery: the broker had the message twice. */
  #unexplained = 0;

  #whenComplete: () => void = () => undefined;

  constructor(total: number) {
    this.#counts = new Uint8Array(total);
    // One for each sender.
    this.#progress.setMaxListeners(0);
  }

  /** How many different messages have been handled. */
  get handled(): number {
    return this.#handled;
  }

  get lost(): number {
    return this.#counts.length - this.#handled;
  }

  get repeated(): number {
    return this.#repeated;
  }

  get unexplained(): number {
    return this.#unexplained;
  }

  /** Notes that message `n` was handled, at which delivery. Returns whether it was for the first time. */
  add(n: number, attempt: number): boolean {
    const before = this.#counts[n];
    if (before === undefined) throw new RangeError(`message ${n} was never sent`);
    this.#counts[n] = Math.min(before + 1, maxCount);
    if (before === 0) this.#handled += 1;
    else {
      this.#repeated += 1;
      if (attempt === 1) this.#unexplained += 1;
    }
    this.#progress.emit('handled');
    if (this.lost === 0) this.#whenComplete();
    return before === 0;
  }

  /** Waits until `n` may be sent. */
  async room(n: number, signal: AbortSignal): Promise<void> {
    while (n - this.#handled >= messageWindow) await once(this.#progress, 'handled', { signal });
  }

  /** Waits until all are handled; ends without that when none was for `stallMs`. */
  async complete(stallMs: number): Promise<void> {
    for (let before = -1; this.lost > 0 && this.#handled > before; ) {
      before = this.#handled;
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, stallMs);
        this.#whenComplete = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
    }
  }
}
