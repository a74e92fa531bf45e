import { isThenable } from '../kernel/check.ts';
import type { RunningScope } from '../kernel/running-scope.ts';
import type { CacheSettings } from './cache-settings.ts';
import { answerOf, type CacheEntry, type CacheStore, liveEntry, StoreCall } from './cache-store.ts';

/** What a store answers when it is asked: an entry that can be given out, nothing, or later. */
export type Found = CacheEntry | PendingEntry | undefined;

/** An answer that is still to come. */
export class PendingEntry {
  readonly #answer: PromiseLike<unknown>;
  readonly #call: StoreCall;
  readonly #timeoutMs: number;

  constructor(answer: PromiseLike<unknown>, call: StoreCall, timeoutMs: number) {
    this.#answer = answer;
    this.#call = call;
    this.#timeoutMs = timeoutMs;
  }

  /** Waits for it as long as `scope` is not cancelled. Rejects as the store does, and when it takes too long. */
  async in({ clock, parts: { cancellation } }: RunningScope): Promise<CacheEntry | undefined> {
    const given = await answerOf(this.#answer, this.#call, { clock, timeoutMs: this.#timeoutMs, cancellation });
    return liveEntry(given, clock.now());
  }
}

/** A store that may fail, be slow, or answer nonsense. */
export class GuardedStore {
  readonly #store: CacheStore;
  readonly #timeoutMs: number;
  /** Whether the store is an author's, who may ask for the current scope. */
  readonly #isForeign: boolean;

  constructor({ store, storeTimeoutMs, storeIsForeign }: CacheSettings) {
    this.#store = store;
    this.#timeoutMs = storeTimeoutMs;
    this.#isForeign = storeIsForeign;
  }

  /** Hot. May throw as the store does. */
  read(scope: RunningScope, key: string, now: number): Found {
    const call = new StoreCall();
    const given: unknown = this.#isForeign ? scope.activate(() => this.#store.get(key, call)) : this.#store.get(key, call);
    return isThenable(given) ? new PendingEntry(given, call, this.#timeoutMs) : liveEntry(given, now);
  }

  /**
   * Keeps an entry. A store that takes its time is waited for by who closes the runtime, and cancelled with what the work stands on. Throws as the store does.
   *
   * @returns what settles when the store has answered; nothing where it has already. Its failure is reported.
   */
  write(scope: RunningScope, key: string, entry: CacheEntry): Promise<unknown> | undefined {
    const call = new StoreCall();
    const given: unknown = scope.activate(() => this.#store.set(key, entry, call));
    if (!isThenable(given)) return undefined;
    const { kernel, clock, parts } = scope;
    const written = answerOf(given, call, { clock, timeoutMs: this.#timeoutMs, cancellation: parts.surroundings.ground.cancellation });
    kernel.background.track(`keeping a result of ${scope.name}`, written);
    return written;
  }
}
