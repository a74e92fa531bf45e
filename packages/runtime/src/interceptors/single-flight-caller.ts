import type { RunningScope } from '../kernel/running-scope.ts';

/** What callers can leave. */
interface Leavable {
  leave(caller: Caller, reason: unknown): void;
}

/** One who waits for shared work, until the result is there or it leaves. */
export class Caller {
  readonly scope: RunningScope;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  #unsubscribe: (() => void) | undefined;

  constructor(scope: RunningScope, resolve: (value: unknown) => void, reject: (error: unknown) => void) {
    this.scope = scope;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Leaves `work` when its own operation is cancelled. */
  watch(work: Leavable): void {
    this.#unsubscribe = this.scope.parts.cancellation.subscribe((reason) => work.leave(this, reason));
  }

  resolve(value: unknown): void {
    this.#unsubscribe?.();
    this.#resolve(value);
  }

  reject(error: unknown): void {
    this.#unsubscribe?.();
    this.#reject(error);
  }
}
