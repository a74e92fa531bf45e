import { LRUCache } from 'lru-cache';
import { requireCount, requireFunction, requireKnownKeys, requirePlainObject } from '../kernel/check.ts';
import { badOption } from '../kernel/errors.ts';
import { reportFault } from '../kernel/telemetry.ts';
import type { CacheEntry, CacheStore } from './cache-store.ts';
import { estimateBytes } from './memory-store-size.ts';

export interface MemoryStoreOptions {
  /** Default 1000; at most 16777216. */
  readonly maxEntries?: number | undefined;
  /** What all values may hold together. Default 67108864, which is 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** The size of a value in bytes. Default: an estimate from a bounded part of the value, which reads its properties. */
  readonly sizeOf?: ((value: unknown) => number) | undefined;
}

const maxMaxEntries = 2 ** 24;
const mebibyte = 1024 * 1024;
export const defaultMaxBytes = 64 * mebibyte;

/**
 * Keeps entries in memory and within two bounds; the entry that was used longest ago goes first. Every call takes the same time, however many entries there are.
 *
 * Values are kept as they are, not copied: whoever gets one and changes it changes it for all. A value that is larger than `maxBytes` is not kept, which is
 * reported as a fault. Entries that have expired stay until they are written again, or are the ones to go.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong option and the value received
 * @example cache({ key: (_scope, id: string) => id, ttlMs: 60_000, store: memoryStore({ maxEntries: 100, sizeOf: (image) => image.bytes.length }) })
 */
export function memoryStore(options: MemoryStoreOptions = {}): CacheStore {
  requireKnownKeys('memoryStore', requirePlainObject('memoryStore', options), ['maxEntries', 'maxBytes', 'sizeOf']);
  const maxBytes = requireCount('maxBytes', options.maxBytes ?? defaultMaxBytes);
  const sizeOf = options.sizeOf ?? estimateBytes;
  requireFunction('sizeOf', sizeOf);
  const max = requireCount('maxEntries', options.maxEntries ?? 1000);
  // The list of the LRU is allocated as a whole.
  if (max > maxMaxEntries) throw badOption('maxEntries', `at most ${maxMaxEntries}`, max);
  const entries = new LRUCache<string, CacheEntry>({ max, maxSize: maxBytes });
  return {
    get: (key) => entries.get(key),
    set(key, entry) {
      const size = requireSize(entry.bytes ?? sizeOf(entry.value));
      if (size <= maxBytes) {
        entries.set(key, entry, { size });
        return;
      }
      // What is there under the key is older.
      entries.delete(key);
      reportFault(`a value of ${size} bytes was not cached: there is room for ${maxBytes}`);
    },
  };
}

/** The LRU counts in whole numbers from 1. */
function requireSize(bytes: unknown): number {
  if (typeof bytes !== 'number' || !(bytes >= 0)) throw badOption('what sizeOf gives', 'a number of bytes', bytes);
  return Math.max(1, Math.ceil(bytes));
}
