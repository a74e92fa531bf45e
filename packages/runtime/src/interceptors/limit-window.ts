const windowMs = 1000;

/** Remembers when the last starts were, so that there are never more than `max` of them within 1000 ms. */
export class StartWindow {
  readonly #max: number;
  /** The last starts, the oldest at `#oldest` once there are `max`. */
  readonly #starts: number[] = [];
  #oldest = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Counts a start at `now`, by a monotonic clock in milliseconds, where there may be one. */
  tryStart(now: number): boolean {
    if (this.#starts.length < this.#max) {
      this.#starts.push(now);
      return true;
    }
    if (this.restMs(now) > 0) return false;
    this.#starts[this.#oldest] = now;
    this.#oldest = (this.#oldest + 1) % this.#max;
    return true;
  }

  /** How long it is until there may be another start, in milliseconds. */
  restMs(now: number): number {
    const oldest = this.#starts[this.#oldest];
    if (oldest === undefined || this.#starts.length < this.#max) return 0;
    return Math.max(0, oldest + windowMs - now);
  }
}
