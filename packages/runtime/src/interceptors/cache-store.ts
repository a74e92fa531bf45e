import type { Cancellation } from '../kernel/cancellation.ts';
import type { Clock } from '../kernel/clock.ts';
import { setDeadline } from '../kernel/deadline.ts';
import { TracewrightError } from '../kernel/errors.ts';

/** What a cache keeps under one key. */
export interface CacheEntry {
  readonly value: unknown;
  /** Until when the value may be given out, in milliseconds since the Unix epoch by the clock of the scope. */
  readonly expiresAt: number;
  /** How large the value is, where that is known already. */
  readonly bytes?: number | undefined;
}

/**
 * Where a cache keeps its entries. A store that answers without a promise adds no wait to a hit.
 *
 * A store that throws, rejects, or is slower than the cache allows breaks nothing: the work is done as if nothing were kept. What it gives back is checked:
 * anything but an entry that has not expired counts as nothing. Keys name the operation, who asked and what the author gives: they may be personal data.
 */
export interface CacheStore {
  /** @param call.signal aborts when nobody waits for the answer any longer */
  get(key: string, call: { readonly signal: AbortSignal }): CacheEntry | undefined | Promise<CacheEntry | undefined>;
  /** Nobody waits for what it answers but `close`. @param call.signal aborts when it takes too long, or when the runtime closes */
  set(key: string, entry: CacheEntry, call: { readonly signal: AbortSignal }): void | Promise<void>;
}

/** One call of a store. Its signal is made only when the store asks for it. */
export class StoreCall {
  #controller: AbortController | undefined;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }
}

/** The entry that a store gave, where it is one and has not expired. */
export function liveEntry(given: unknown, now: number): CacheEntry | undefined {
  if (typeof given !== 'object' || given === null || !('value' in given) || !('expiresAt' in given)) return undefined;
  const { value, expiresAt } = given;
  return typeof expiresAt === 'number' && expiresAt > now ? { value, expiresAt } : undefined;
}

/** How long the answer of a store is waited for. */
export interface Patience {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly cancellation: Cancellation;
}

/**
 * The answer of a store that does not come at once. After `timeoutMs`, or when the work is cancelled, the signal of the call aborts and nobody waits any longer.
 *
 * @throws {TracewrightError} `TW_TIMEOUT`; the reason of the cancellation; whatever the store rejects with
 */
export function answerOf<T>(pending: PromiseLike<T>, call: StoreCall, { clock, timeoutMs, cancellation }: Patience): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (reason: unknown): void => {
      leave();
      call.abort(reason);
      reject(reason);
    };
    const deadline = setDeadline(clock, timeoutMs, () => {
      giveUp(new TracewrightError('TW_TIMEOUT', `the store of a cache did not answer in ${timeoutMs} ms`, { data: { timeoutMs } }));
    });
    const leave = (): void => {
      deadline.clear();
      unsubscribe();
    };
    let unsubscribe = (): void => undefined;
    // A thenable of its own making may throw in `then`.
    Promise.resolve(pending).then(
      (answer) => {
        leave();
        resolve(answer);
      },
      (error: unknown) => {
        leave();
        reject(error);
      },
    );
    unsubscribe = cancellation.subscribe(giveUp);
  });
}
