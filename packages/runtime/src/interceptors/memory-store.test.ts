import { diag, DiagLogLevel } from '@opentelemetry/api';
import { operation } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { cache } from './cache.ts';
import type { CacheStore } from './cache-store.ts';
import { memoryStore } from './memory-store.ts';
import { estimateBytes } from './memory-store-size.ts';

afterEach(() => diag.disable());

const call = { signal: new AbortController().signal };
const put = (store: CacheStore, key: string, value: unknown): unknown => store.set(key, { value, expiresAt: Number.MAX_VALUE }, call);
const has = (store: CacheStore, keys: readonly string[]): readonly string[] => keys.filter((key) => store.get(key, call) !== undefined);

describe('a store in memory', () => {
  test('drops the entry that was used longest ago, reading being a use', () => {
    const store = memoryStore({ maxEntries: 3 });
    for (const key of ['a', 'b', 'c']) put(store, key, key);
    expect(has(store, ['a'])).toEqual(['a']);
    put(store, 'd', 'd');
    expect(has(store, ['a', 'b', 'c', 'd'])).toEqual(['a', 'c', 'd']);
  });

  test('holds no more bytes than it may', () => {
    const store = memoryStore({ maxBytes: 100, sizeOf: (value) => Number(value) });
    put(store, 'a', 40);
    put(store, 'b', 40);
    put(store, 'c', 30);
    expect(has(store, ['a', 'b', 'c'])).toEqual(['b', 'c']);
    put(store, 'b', 90);
    expect(has(store, ['b', 'c'])).toEqual(['b']);
  });

  test('takes the size that an entry says over that of its own', () => {
    const store = memoryStore({ maxBytes: 100, sizeOf: () => 1 });
    for (const key of ['a', 'b', 'c']) void store.set(key, { value: key, expiresAt: Number.MAX_VALUE, bytes: 50 }, call);
    expect(has(store, ['a', 'b', 'c'])).toEqual(['b', 'c']);
  });

  test('keeps values as they are', () => {
    const store = memoryStore();
    const value = { orders: [1] };
    put(store, 'a', value);
    expect(store.get('a', call)).toHaveProperty('value', value);
    expect((store.get('a', call) as { value: unknown }).value).toBe(value);
  });

  test('does not keep what is larger than all of it, nor what was there before, and says so', () => {
    const warnings: string[] = [];
    const logger = { error: () => undefined, info: () => undefined, debug: () => undefined, verbose: () => undefined };
    diag.setLogger({ ...logger, warn: (text) => warnings.push(text) }, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
    const store = memoryStore({ maxBytes: 100, sizeOf: (value) => Number(value) });
    put(store, 'a', 10);
    put(store, 'b', 10);
    put(store, 'a', 101);
    expect(has(store, ['a', 'b'])).toEqual(['b']);
    expect(warnings).toEqual(['tracewright: a value of 101 bytes was not cached: there is room for 100']);
  });

  test('takes a value of no size, and one of half a byte', () => {
    const store = memoryStore({ sizeOf: (value) => Number(value) });
    put(store, 'a', 0);
    put(store, 'b', 0.5);
    expect(has(store, ['a', 'b'])).toEqual(['a', 'b']);
  });

  test.each([Number.NaN, -1, '12', undefined])('refuses the size %s, which fails no operation', async (size) => {
    using traces = recordTraces();
    const store = memoryStore({ sizeOf: () => size as number });
    expect(() => put(store, 'a', 1)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
    const load = operation({ name: 'load', interceptors: [cache({ key: 'a', ttlMs: 1000, store })] });
    await expect(traces.runtime().run(load, () => 'orders')).resolves.toBe('orders');
    expect(traces.find('load').attributes['tracewright.cache']).toBe('failed');
  });

  test('is refused with wrong bounds or a misspelt one', () => {
    for (const options of [{ maxEntries: 1.5 }, { maxBytes: -1 }, { sizeOf: 'length' }, { maxSize: 1 }])
      expect(() => memoryStore(options as object)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
  });
});

describe('the estimated size of a value', () => {
  const text = 'x'.repeat(1000);

  test('follows texts and bytes', () => {
    expect(estimateBytes(text)).toBeGreaterThan(1000);
    expect(estimateBytes(new Uint8Array(5000))).toBeGreaterThanOrEqual(5000);
    expect(estimateBytes(Buffer.alloc(5000))).toBeGreaterThanOrEqual(5000);
    expect(estimateBytes(new ArrayBuffer(5000))).toBeGreaterThanOrEqual(5000);
  });

  test('is small for what is small', () => {
    for (const value of [undefined, null, true, 1, 1n, Symbol('a'), () => text, [], {}, new Map(), new Date(0)])
      expect(estimateBytes(value)).toBeLessThan(100);
  });

  const rows = (count: number): readonly object[] => Array.from({ length: count }, (_, id) => ({ id, text, tags: ['a', 'b'] }));
  const large: readonly (readonly [string, (count: number) => unknown])[] = [
    ['a list', rows],
    ['a map', (count) => new Map(rows(count).entries())],
    ['a set', (count) => new Set(rows(count))],
    ['an object with many keys', (count) => Object.fromEntries(rows(count).entries())],
    ['lists in lists', (count) => Array.from({ length: count / 10 }, () => rows(10))],
  ];

  test.each(large)('grows with %s, and looks only at a part of it', (_, make) => {
    const [small, big] = [estimateBytes(make(100)), estimateBytes(make(10_000))];
    expect(small).toBeGreaterThan(100 * 1000);
    expect(small).toBeLessThan(100 * 4000);
    expect(big / small).toBeCloseTo(100, -1);
    let reads = 0;
    const counted = Array.from({ length: 10_000 }, () => ({
      get text() {
        reads += 1;
        return text;
      },
    }));
    estimateBytes(counted);
    expect(reads).toBeLessThan(100);
  });

  test('ends for a value that holds itself, and for one that is very deep', () => {
    const cyclic: unknown[] = [text];
    cyclic.push(cyclic, cyclic);
    expect(estimateBytes(cyclic)).toBeLessThan(10_000_000);
    let deep: unknown = text;
    for (let level = 0; level < 100_000; level += 1) deep = { deep };
    expect(estimateBytes(deep)).toBeLessThan(10_000);
  });
});
