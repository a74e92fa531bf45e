import { Cancellation } from '../cancellation.ts';
import { TracewrightError } from '../errors.ts';
import type { Block } from './hook-block.ts';
import type { Listener } from './hook-listener.ts';
import type { HookContext } from './hook-registration.ts';
import type { Refusal } from './hook-verdict.ts';
import type { Scope } from '../scope.ts';

/** How the wait for a hook ended. `cancelled`: nobody wants its answer any longer. */
export type Ending =
  | { readonly at: 'answered'; readonly answer: unknown }
  | { readonly at: 'failed'; readonly why: 'error' | 'timeout'; readonly error: unknown }
  | { readonly at: 'cancelled'; readonly reason: unknown };

/** One call of one hook, and what the hook is told. A hook that answers at once costs this object and nothing else. */
export class HookCall implements HookContext {
  readonly scope: Scope;
  readonly #listener: Listener;
  readonly #refusal: Refusal | undefined;
  #cancellation: Cancellation | undefined = undefined;
  #over = false;

  /** @param refusal what came of the event, for a hook that is called when that is known */
  constructor(listener: Listener, scope: Scope, refusal: Refusal | undefined) {
    this.scope = scope;
    this.#listener = listener;
    this.#refusal = refusal;
  }

  get hook(): string {
    return this.#listener.hook;
  }

  get signal(): AbortSignal {
    return this.#ownCancellation().signal;
  }

  get blocked(): Block | undefined {
    return this.#refusal?.block;
  }

  get error(): unknown {
    return this.#refusal?.error;
  }

  /** Tells the hook that its answer is no longer wanted. */
  abort(reason: unknown): void {
    if (!this.#over) this.#ownCancellation().abort(reason);
  }

  /** The call is over: a signal that the hook holds follows the scope no longer. */
  end(): void {
    this.#over = true;
    if (this.#cancellation !== undefined) this.#cancellation.release();
  }

  /** Waits for `answer`, no longer than the hook may take and the scope lives. Never rejects; what comes later is dropped. */
  wait(answer: Promise<unknown>): Promise<Ending> {
    return new Promise((resolve) => {
      const cancellation = this.#ownCancellation();
      let expired: TracewrightError | undefined;
      const stopTimer = this.scope.clock.setTimer(() => {
        expired = this.#timeout();
        cancellation.abort(expired);
      }, this.#listener.timeoutMs);
      const end = (ending: Ending): void => {
        stopTimer();
        this.end();
        resolve(ending);
      };
      cancellation.subscribe((reason) =>
        end(expired === undefined ? { at: 'cancelled', reason } : { at: 'failed', why: 'timeout', error: expired }),
      );
      answer.then(
        (value) => end({ at: 'answered', answer: value }),
        (error: unknown) => end({ at: 'failed', why: 'error', error }),
      );
    });
  }

  #ownCancellation(): Cancellation {
    // After the call nobody would take the listener off the scope's signal again.
    this.#cancellation ??= this.#over ? new Cancellation() : new Cancellation(undefined, this.scope.signal);
    return this.#cancellation;
  }

  #timeout(): TracewrightError<'TW_TIMEOUT'> {
    const { hook, timeoutMs } = this.#listener;
    return new TracewrightError('TW_TIMEOUT', `a hook on ${hook} gave no answer in ${timeoutMs} ms`, { data: { timeoutMs } });
  }
}
