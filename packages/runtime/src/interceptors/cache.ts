import { type Around, builtIn, type Interceptor } from '../kernel/interceptor.ts';
import type { Scope } from '../kernel/scope.ts';
import type { CacheKey } from './cache-key.ts';
import { requireCacheOptions } from './cache-settings.ts';
import type { CacheStore } from './cache-store.ts';
import { ResultCache } from './cache-results.ts';

export interface CacheOptions<Inputs extends unknown[] = unknown[]> {
  /**
   * What the result depends on beside the operation and who asks. A function gets what the operation was called with; where it gives `undefined`, the call is
   * not cached. What it throws fails the operation, unchanged.
   */
  readonly key: CacheKey | ((scope: Scope, ...inputs: Inputs) => CacheKey | undefined);
  /** How long a result is given out, from when the work is done, in milliseconds. */
  readonly ttlMs: number;
  /**
   * `true` gives what was made for one caller, and as that caller, to all others: only for results that are the same for everybody. Otherwise each user, service
   * and agent has entries of its own. Default `false`.
   */
  readonly shared?: boolean | undefined;
  /** Where results are kept. Default: in memory, as `memoryStore` does, for this cache alone. */
  readonly store?: CacheStore | undefined;
  /** Of the default store; as for `memoryStore`. */
  readonly maxEntries?: number | undefined;
  /** Of the default store; as for `memoryStore`. */
  readonly maxBytes?: number | undefined;
  /** Of the default store; as for `memoryStore`. */
  readonly sizeOf?: ((value: unknown) => number) | undefined;
  /** The longest that an answer of a store is waited for, in milliseconds; then the work is done as if nothing were kept. Default 500. */
  readonly storeTimeoutMs?: number | undefined;
}

/**
 * Does work once for all who ask for the same thing, and gives out its result until that expires.
 *
 * An entry belongs to the operation and to who asks (a user, a service, or an agent with everybody it acts for), so that nobody gets what was made for somebody
 * else, unless `shared` says so. While the work is under way, others who ask wait for it. It goes on as long as one of them waits, also when the one who asked
 * first has left; failures are not kept, and all who wait get the same error. Values are kept and given out as they are, not copied.
 *
 * The span says `tracewright.cache`: `hit`, `miss`, `shared` (it waited for the work of another, to which it is linked) or `failed` (the store did not answer, and
 * the work was done). A store that fails never fails the operation. The result does not wait for a slow store to keep it: who asks meanwhile gets it as a hit.
 *
 * A stream is kept when it was read to its end, and given out again item by item, without what its body returned; streams under way are not shared. Put `cache` before `retry` and `timeout`, which
 * then belong to the work. Work that asks for its own key, be it through others, would wait for itself
 * and is refused.
 *
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong option and the value received; the operation: for a key that is none, and `TW_DEADLOCK`
 * @example
 * const load = operation({ name: 'load order', interceptors: [cache({ key: (_scope, id: string) => id, ttlMs: 60_000 })] });
 * const loadOrder = runtime.define(load, (scope, id: string) => orders.get(id, scope.signal));
 */
export function cache<Inputs extends unknown[] = unknown[]>(options: CacheOptions<Inputs>): Interceptor {
  const results = new ResultCache(requireCacheOptions(options));
  const around: Around = (scope, next) => results.around(scope, next);
  return builtIn(around);
}
