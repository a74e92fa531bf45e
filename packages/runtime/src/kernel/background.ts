import type { Clock } from './clock.ts';
import { reportFault } from './telemetry.ts';

/** Work that nobody waits for as long as the runtime is open: who closes can wait for it, and can name what is left. */
export class BackgroundWork {
  readonly #running = new Set<{ readonly name: string }>();
  readonly #waiting = new Set<() => void>();
  readonly #scopes = new WeakSet<object>();

  /** Names of what is running, in the order in which it was started. */
  get pending(): string[] {
    return Array.from(this.#running, ({ name }) => name);
  }

  /** Has work in `scope` start operations also while the runtime closes, as that waits for what is here. */
  admit(scope: object): void {
    this.#scopes.add(scope);
  }

  isAdmitted(scope: object): boolean {
    return this.#scopes.has(scope);
  }

  /** Has `work` waited for, until it settles. Its failure is reported, as nobody else gets it. */
  track(name: string, work: PromiseLike<unknown>): void {
    const entry = { name };
    this.#running.add(entry);
    const done = (): void => {
      this.#running.delete(entry);
      if (this.#running.size === 0) for (const tell of [...this.#waiting]) tell();
    };
    work.then(done, (error: unknown) => {
      reportFault(`${name} failed in the background`, error);
      done();
    });
  }

  /** Resolves when nothing is running, what is started meanwhile included; at the latest after `timeoutMs`. */
  settled(clock: Clock, timeoutMs: number): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const tell = (): void => {
        cancel();
        this.#waiting.delete(tell);
        resolve();
      };
      const cancel = clock.setTimer(tell, timeoutMs);
      this.#waiting.add(tell);
    });
  }
}
