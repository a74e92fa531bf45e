import { spans } from '@tracewright/conventions';
import { Cancellation, cancelled } from '../kernel/cancellation.ts';
import { emptyContext } from '../kernel/context.ts';
import { TracewrightError } from '../kernel/errors.ts';
import { whatFailed } from '../kernel/fatal.ts';
import { errorTypeOf } from '../kernel/outcome.ts';
import { requireScope, type RunningScope } from '../kernel/running-scope.ts';
import type { Scope } from '../kernel/scope.ts';

/** What a cleanup gets. */
export interface CleanupCall {
  /** Aborts when this cleanup has taken too long; it is fresh, also where the lifecycle was terminated. */
  readonly signal: AbortSignal;
  /** In which the cleanup starts operations. That of the lifecycle may be cancelled already. */
  readonly scope: Scope;
}

/** Called once, at the end of its lifecycle. */
export type Cleanup = (cleanup: CleanupCall) => unknown;

export interface CleanupEvents {
  readonly name: string;
  readonly path: string;
  readonly timeoutMs: number;
  onFailed(error: unknown): void;
  /** @param turn which cleanup did not end in time */
  onStuck(turn: string): void;
}

/**
 * The cleanups of one life: the last one first, one at a time, each with its own deadline, all of them whatever fails. They run in one root span, which is there
 * only where there are any; each error is an exception on it.
 */
export class Cleanups {
  readonly #events: CleanupEvents;
  readonly #waiting: Cleanup[] = [];
  #ran = 0;
  #closed = false;
  #current: Cancellation | undefined;

  constructor(events: CleanupEvents) {
    this.#events = events;
  }

  /** Returns false where it is too late. */
  add(cleanup: Cleanup): boolean {
    if (!this.#closed) this.#waiting.push(cleanup);
    return !this.#closed;
  }

  /** Which cleanup is running. */
  get turn(): string {
    return `cleanup ${this.#ran + 1} of ${this.#ran + 1 + this.#waiting.length}`;
  }

  /** Tells the running cleanup that nobody waits for it any longer. */
  abandon(): void {
    if (this.#current === undefined) return;
    this.#events.onStuck(this.turn);
    this.#current.abort(cancelled('shutdown', `the runtime was closed during ${this.turn} of ${this.#events.path}`));
  }

  /** @param ground of the lifecycle; where it has been ended by force, the cleanups run without a span */
  async run(ground: RunningScope): Promise<void> {
    if (this.#waiting.length === 0 || ground.ended) {
      await this.#runAll(ground);
      return;
    }
    // Of its own: cleanups run in a lifecycle that was terminated, too.
    const whole = new Cancellation();
    const name = spans.cleanup.name.replace('<lifecycle>', () => this.#events.name);
    await ground.under(whole, undefined).run({ name, root: true }, (scope) => this.#runAll(requireScope(scope)));
  }

  async #runAll(scope: RunningScope): Promise<void> {
    for (let cleanup = this.#waiting.pop(); cleanup !== undefined; cleanup = this.#waiting.pop()) {
      try {
        await this.#runOne(cleanup, scope);
      } catch (thrown) {
        this.#events.onFailed(thrown);
        const error = whatFailed(thrown);
        scope.parts.spans.fail({ outcome: 'error', error, errorType: errorTypeOf(error) }, scope.context ?? emptyContext);
      }
      this.#ran += 1;
    }
    // In the turn in which none was found: what is registered later is refused, and not lost.
    this.#closed = true;
  }

  #runOne(cleanup: Cleanup, around: RunningScope): Promise<void> {
    const { timeoutMs, path, onStuck } = this.#events;
    const { clock } = around;
    const cancellation = new Cancellation();
    const scope = around.under(cancellation, clock.now() + timeoutMs);
    this.#current = cancellation;
    return new Promise<void>((resolve, reject) => {
      const clear = clock.setTimer(() => {
        const data = { timeoutMs, lifecycle: path };
        const timedOut = new TracewrightError('TW_TIMEOUT', `${this.turn} of ${path} took longer than ${timeoutMs} ms`, { data });
        onStuck(this.turn);
        reject(timedOut);
        scope.activate(() => cancellation.abort(timedOut));
      }, timeoutMs);
      const settled = scope.activate(() => call(cleanup, scope, cancellation));
      void settled.then(resolve, reject).finally(() => {
        clear();
        cancellation.release();
        if (this.#current === cancellation) this.#current = undefined;
      });
    });
  }
}

/** Async: what a cleanup throws at once rejects like all else. */
async function call(cleanup: Cleanup, scope: Scope, cancellation: Cancellation): Promise<void> {
  await cleanup({
    scope,
    get signal() {
      return cancellation.signal;
    },
  });
}

/** The cleanup of something that can be disposed of; `undefined` where it cannot. Looked up now, as `using` does. */
export function disposalOf(disposable: unknown): Cleanup | undefined {
  if ((typeof disposable !== 'object' && typeof disposable !== 'function') || disposable === null) return undefined;
  const parts = disposable as Partial<AsyncDisposable & Disposable>; // Both are checked before they are called.
  const dispose: unknown = parts[Symbol.asyncDispose] ?? parts[Symbol.dispose];
  if (typeof dispose !== 'function') return undefined;
  return () => dispose.call(disposable) as unknown; // What a disposal gives is only awaited.
}
