import { diag, DiagLogLevel } from '@opentelemetry/api';
import { isTracewrightError, operation, type Operation } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cache } from './cache.ts';
import type { CacheEntry, CacheStore } from './cache-store.ts';

const faults: string[] = [];

beforeEach(() => {
  faults.length = 0;
  const logger = { error: () => undefined, warn: (text: string) => faults.push(text), info: () => undefined, debug: () => undefined };
  diag.setLogger({ ...logger, verbose: () => undefined }, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
});
afterEach(() => diag.disable());

const hang = (): Promise<never> => new Promise(() => undefined);
const storeDown = (): never => {
  throw new Error('store down');
};

/** A store that holds what it is told to, with other ways to answer where they are given. */
function storeOf(ways: { readonly [Name in keyof CacheStore]?: (...args: never) => unknown } = {}): CacheStore & {
  readonly entries: Map<string, CacheEntry>;
} {
  const entries = new Map<string, CacheEntry>();
  const right: CacheStore = {
    get: (key) => Promise.resolve(entries.get(key)),
    set: (key, entry) => Promise.resolve(void entries.set(key, entry)),
  };
  return { entries, ...right, ...(ways as Partial<CacheStore>) };
}

const loadWith = (store: CacheStore): Operation =>
  operation({ name: 'load', interceptors: [cache({ key: 'orders', ttlMs: 1000, store })] });

const outcomeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => (isTracewrightError(error) ? error.code : error));

test('a store may answer later: what it has is a hit, for all who ask meanwhile', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime({ clock: fakeClock() });
  const store = storeOf();
  const load = loadWith(store);
  await runtime.run(load, () => 'orders');
  expect([...store.entries.values()]).toEqual([{ value: 'orders', expiresAt: Date.UTC(2026, 0, 1) + 1000 }]);
  const works = [runtime.run(load, () => 'worked again'), runtime.run(load, () => 'worked again')];
  await expect(Promise.all(works)).resolves.toEqual(['orders', 'orders']);
  expect(traces.spans.map(({ attributes }) => attributes['tracewright.cache'])).toEqual(['miss', 'hit', 'shared']);
  expect(faults).toEqual([]);
});

test('a store gets keys that name operation, caller and parts', async () => {
  using traces = recordTraces();
  const store = storeOf();
  await traces.runtime({ service: { name: 'desk' } }).run(loadWith(store), () => 'orders');
  expect([...store.entries.keys()]).toEqual(['4:loads4:desks6:orders']);
});

describe.each(['at once', 'later'])('what a store gives %s', (when) => {
  const later = Date.UTC(2030, 0, 1);
  const nonsense: readonly (readonly [string, unknown])[] = [
    ['null', null],
    ['a text', '{"value":1}'],
    ['a bare value', { id: 1 }],
    ['an entry without time', { value: 1 }],
    ['an entry with time as text', { value: 1, expiresAt: '2030-01-01' }],
    ['an entry whose time is no number', { value: 1, expiresAt: Number.NaN }],
    ['an entry that has expired', { value: 1, expiresAt: Date.UTC(2026, 0, 1) }],
    ['an entry without value', { expiresAt: later }],
    ['a list', [1, later]],
  ];

  test.each(nonsense)('is checked: %s is nothing', async (_, given) => {
    using traces = recordTraces();
    const store = storeOf({ get: () => (when === 'later' ? Promise.resolve(given) : given) });
    await expect(traces.runtime({ clock: fakeClock() }).run(loadWith(store), () => 'orders')).resolves.toBe('orders');
    expect(traces.find('load').attributes['tracewright.cache']).toBe('miss');
  });

  test('may throw when it is looked at, which fails nothing', async () => {
    using traces = recordTraces();
    const hostile = {
      value: 1,
      get expiresAt() {
        return storeDown();
      },
    }; // prettier-ignore
    const store = storeOf({ get: () => (when === 'later' ? Promise.resolve(hostile) : hostile) });
    await expect(traces.runtime().run(loadWith(store), () => 'orders')).resolves.toBe('orders');
    expect(traces.find('load').attributes['tracewright.cache']).toBe('failed');
  });
});

describe('G9: a store that fails', () => {
  const ways: readonly (readonly [string, () => Promise<never>])[] = [
    ['throws', storeDown],
    ['rejects', () => Promise.reject(new Error('store down'))],
    ['does not answer', hang],
  ];

  test.each(ways)('when it reads (%s) has the work done, and shows', async (_, get) => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const load = loadWith(storeOf({ get }));
    const works = [runtime.run(load, () => 'orders'), runtime.run(load, () => 'orders')];
    await clock.advance(500);
    await expect(Promise.all(works)).resolves.toEqual(['orders', 'orders']);
    expect(traces.spans.map(({ attributes }) => attributes['tracewright.cache'])).toEqual(['failed', 'shared']);
    expect(faults).toEqual(['tracewright: reading from the cache of load failed']);
    expect(clock.pending).toBe(0);
    await expect(runtime.close()).resolves.toMatchObject({ running: 0 });
  });

  test.each(ways)('when it writes (%s) does not hold the result back', async (how, set) => {
    using traces = recordTraces();
    const clock = fakeClock();
    const load = loadWith(storeOf({ set }));
    await expect(traces.runtime({ clock }).run(load, () => 'orders')).resolves.toBe('orders');
    expect(traces.find('load').attributes['tracewright.cache']).toBe(how === 'throws' ? 'failed' : 'miss');
    await clock.advance(500);
    expect(faults).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test('does not change an error of the work', async () => {
    using traces = recordTraces();
    const notFound = new Error('no such order');
    const load = loadWith(storeOf({ get: storeDown, set: storeDown }));
    await expect(traces.runtime().run(load, () => Promise.reject(notFound))).rejects.toBe(notFound);
  });

  test('is told by its signal when it was too slow, and its late answer changes nothing', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const reasons: unknown[] = [];
    const slow: CacheStore['get'] = async (_key, { signal }) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason));
      await clock.sleep(600);
      return { value: 'too late', expiresAt: Number.MAX_VALUE };
    };
    const load = operation({
      name: 'load',
      interceptors: [cache({ key: 'a', ttlMs: 1000, store: storeOf({ get: slow }), storeTimeoutMs: 50 })],
    });
    const work = traces.runtime({ clock }).run(load, () => 'orders');
    await clock.advance(50);
    await expect(work).resolves.toBe('orders');
    expect(reasons).toMatchObject([{ code: 'TW_TIMEOUT', data: { timeoutMs: 50 } }]);
    await clock.advance(600);
    expect(clock.pending).toBe(0);
  });
});

describe('while a store reads', () => {
  test('the last one who leaves ends that, and no work begins', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const reasons: unknown[] = [];
    const store = storeOf({
      get: (_key: string, { signal }: { readonly signal: AbortSignal }) => {
        signal.addEventListener('abort', () => reasons.push(signal.reason));
        return hang();
      },
    });
    const load = loadWith(store);
    const calls: string[] = [];
    const clients = [new AbortController(), new AbortController()];
    const works = clients.map(({ signal }) => outcomeOf(runtime.run(load, () => calls.push('worked'), { signal })));
    clients[0]?.abort('first');
    await expect(works[0]).resolves.toBe('first');
    expect(reasons).toEqual([]);
    clients[1]?.abort('second');
    await expect(works[1]).resolves.toBe('second');
    expect([reasons, calls, faults, clock.pending]).toEqual([['second'], [], [], 0]);
    await expect(runtime.close()).resolves.toEqual({ running: 0, cancelled: [], stuck: [] });
  });

  test('the one who asked first may leave: the others get what it has, or the work', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const load = loadWith(storeOf({ get: () => clock.sleep(10) }));
    const client = new AbortController();
    const first = outcomeOf(runtime.run(load, () => 'orders', { signal: client.signal }));
    const second = runtime.run(load, () => 'orders');
    client.abort('gone');
    await expect(first).resolves.toBe('gone');
    await clock.advance(10);
    await expect(second).resolves.toBe('orders');
    expect(clock.pending).toBe(0);
  });

  test('nobody may be left when it has nothing: no work begins then', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    let answer = (): void => undefined;
    const load = loadWith(storeOf({ get: () => new Promise<void>((resolve) => (answer = resolve)) }));
    const client = new AbortController();
    const calls: string[] = [];
    const work = outcomeOf(traces.runtime({ clock }).run(load, () => calls.push('worked'), { signal: client.signal }));
    client.abort('gone');
    answer();
    await expect(work).resolves.toBe('gone');
    expect([calls, clock.pending]).toEqual([[], 0]);
  });

  test('closing the runtime ends that', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const work = outcomeOf(runtime.run(loadWith(storeOf({ get: hang })), () => 'orders'));
    const closing = runtime.close({ timeoutMs: 100, graceMs: 10 });
    await clock.advance(100);
    await expect(work).resolves.toBe('TW_CANCELLED');
    await expect(closing).resolves.toMatchObject({ stuck: [] });
    expect(clock.pending).toBe(0);
  });
});

describe('while a store writes', () => {
  const slowly =
    (clock: { sleep(ms: number): Promise<void> }): CacheStore['set'] =>
    () =>
      clock.sleep(400);

  test('who asks gets the result as a hit, also when the store does not have it yet', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const load = loadWith(storeOf({ set: slowly(clock) }));
    await expect(runtime.run(load, () => 'orders')).resolves.toBe('orders');
    await expect(runtime.run(load, () => 'worked again')).resolves.toBe('orders');
    await clock.advance(400);
    await expect(runtime.run(load, () => 'worked again')).resolves.toBe('worked again');
    expect(traces.spans.map(({ attributes }) => attributes['tracewright.cache'])).toEqual(['miss', 'hit', 'miss']);
    await clock.advance(400);
  });

  test('what has expired meanwhile is worked for again', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const load = operation({ name: 'load', interceptors: [cache({ key: 'a', ttlMs: 100, store: storeOf({ set: slowly(clock) }) })] });
    await runtime.run(load, () => 'orders');
    await clock.advance(100);
    await expect(runtime.run(load, () => 'worked again')).resolves.toBe('worked again');
    await clock.advance(400);
    expect(clock.pending).toBe(0);
  });

  test('G11: closing the runtime waits for it, and names it', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    await runtime.run(loadWith(storeOf({ set: slowly(clock) })), () => 'orders');
    let closed = false;
    const closing = runtime.close().finally(() => (closed = true));
    await clock.advance(399);
    expect(closed).toBe(false);
    await clock.advance(1);
    await expect(closing).resolves.toEqual({ running: 1, cancelled: [], stuck: [] });
    expect(clock.pending).toBe(0);
  });

  test('G11: closing the runtime cancels it when that takes too long', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    await runtime.run(loadWith(storeOf({ set: hang })), () => 'orders');
    const closing = runtime.close({ timeoutMs: 100, graceMs: 10 });
    await clock.advance(100);
    await expect(closing).resolves.toEqual({ running: 1, cancelled: ['keeping a result of load'], stuck: [] });
    expect(clock.pending).toBe(0);
  });
});
