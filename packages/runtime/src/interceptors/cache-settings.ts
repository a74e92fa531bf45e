import { requireFunction, requireKnownKeys, requirePlainObject, requirePositive } from '../kernel/check.ts';
import { badOption } from '../kernel/errors.ts';
import type { RunningScope } from '../kernel/running-scope.ts';
import type { Scope } from '../kernel/scope.ts';
import type { CacheOptions } from './cache.ts';
import { keyText } from './cache-key.ts';
import type { CacheStore } from './cache-store.ts';
import { defaultMaxBytes, memoryStore } from './memory-store.ts';
import { estimateBytes } from './memory-store-size.ts';

/** The options of a cache, checked. */
export interface CacheSettings {
  /** The text of the author's part of the key; `undefined` where the call is not to be cached. */
  readonly keyOf: (scope: RunningScope) => string | undefined;
  readonly ttlMs: number;
  readonly shared: boolean;
  readonly store: CacheStore;
  readonly storeIsForeign: boolean;
  readonly storeTimeoutMs: number;
  /** How large a stream may become and still be kept. */
  readonly streams: { readonly maxItems: number; readonly maxBytes: number; readonly sizeOf: (item: unknown) => number };
}

const known = ['key', 'ttlMs', 'shared', 'store', 'maxEntries', 'maxBytes', 'sizeOf', 'storeTimeoutMs'];
/** Holding a stream back is not what its reader asked for: one with more items is better read anew. */
const maxStreamItems = 10_000;

/** @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong option and the value received */
export function requireCacheOptions<Inputs extends unknown[]>(options: CacheOptions<Inputs>): CacheSettings {
  requireKnownKeys('cache', requirePlainObject('cache', options), known);
  const { key, ttlMs, shared = false, store, maxEntries, maxBytes, sizeOf, storeTimeoutMs = 500 } = options;
  if (typeof shared !== 'boolean') throw badOption('cache.shared', 'true or false', shared);
  if (store !== undefined) {
    for (const [option, value] of Object.entries({ maxEntries, maxBytes, sizeOf }))
      if (value !== undefined) throw badOption(`cache.${option}`, 'absent beside a store, which has bounds of its own', value);
  }
  return {
    keyOf: requireKey(key),
    ttlMs: requirePositive('cache.ttlMs', ttlMs),
    shared,
    store: store === undefined ? memoryStore({ maxEntries, maxBytes, sizeOf }) : requireStore(store),
    storeIsForeign: store !== undefined,
    storeTimeoutMs: requirePositive('cache.storeTimeoutMs', storeTimeoutMs),
    streams: { maxItems: maxStreamItems, maxBytes: maxBytes ?? defaultMaxBytes, sizeOf: sizeOf ?? estimateBytes },
  };
}

function requireKey(key: unknown): CacheSettings['keyOf'] {
  if (typeof key !== 'function') {
    const text = keyText(key);
    return () => text;
  }
  const keyOf = key as (scope: Scope, ...inputs: readonly unknown[]) => unknown; // Its author pairs it with a body of the same inputs.
  return (scope) => {
    const given = scope.activate(() => keyOf(scope, ...scope.parts.inputs));
    return given === undefined ? undefined : keyText(given);
  };
}

function requireStore(store: unknown): CacheStore {
  if (typeof store !== 'object' || store === null) throw badOption('cache.store', 'an object with get and set', store);
  requireFunction('cache.store.get', Reflect.get(store, 'get'));
  requireFunction('cache.store.set', Reflect.get(store, 'set'));
  return store as CacheStore; // What it gives is checked at each call.
}
