import { systemClock } from '../../kernel/clock.ts';

export interface Patience {
  readonly signal?: AbortSignal | undefined;
  readonly patienceMs?: number | undefined;
}

/** Tells those who wait that something has changed; what it is, they look at themselves. */
export class Changes {
  readonly #listeners = new Set<() => void>();

  tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** Resolves at the next change, when `signal` aborts, or after `patienceMs`. */
  next({ signal, patienceMs }: Patience = {}): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal?.removeEventListener('abort', done);
        this.#listeners.delete(done);
        resolve();
      };
      const cancel = patienceMs === undefined ? (): void => undefined : systemClock.setTimer(done, patienceMs);
      this.#listeners.add(done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }
}
