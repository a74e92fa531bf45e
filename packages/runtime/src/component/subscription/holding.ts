/** Counts what is held, and lets one wait until that is less. */
export class Holding {
  #count = 0;
  #onLess: (() => void) | undefined;

  get count(): number {
    return this.#count;
  }

  add(): void {
    this.#count += 1;
  }

  remove(count = 1): void {
    this.#count -= count;
    this.#onLess?.();
  }

  /** Resolves when fewer than `limit` are held, at the latest when `signal` aborts. Only one may wait at a time. */
  async below(limit: number, signal: AbortSignal): Promise<void> {
    while (this.#count >= limit && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const end = (): void => {
          signal.removeEventListener('abort', end);
          this.#onLess = undefined;
          resolve();
        };
        signal.addEventListener('abort', end, { once: true });
        this.#onLess = end;
      });
    }
  }
}
