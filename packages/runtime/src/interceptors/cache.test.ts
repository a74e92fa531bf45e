import { metrics } from '@opentelemetry/api';
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { agent, type Interceptor, type Operation, operation, type Scope, service, user } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { cache } from './cache.ts';
import type { KeyPart } from './cache-key.ts';
import { retry } from './retry.ts';

afterEach(() => metrics.disable());

const byId = cacheOf((_scope: Scope, id: unknown) => id as KeyPart[]);

function cacheOf(key: (scope: Scope, id: unknown) => string | readonly KeyPart[] | undefined): () => Operation {
  return () => operation({ name: 'load', interceptors: [cache({ key, ttlMs: 1000 })] });
}

describe('a result', () => {
  test('is worked for once and then given out until it expires, and the span says which it was', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    let calls = 0;
    const load = traces.runtime({ clock }).define(byId(), async (_scope, _id: string) => (calls += 1));
    expect([await load('a'), await load('a')]).toEqual([1, 1]);
    await clock.advance(999);
    expect(await load('a')).toBe(1);
    await clock.advance(1);
    expect(await load('a')).toBe(2);
    expect(traces.spans.map(({ attributes }) => attributes['tracewright.cache'])).toEqual(['miss', 'hit', 'hit', 'miss']);
    expect(clock.pending).toBe(0);
  });

  test('is kept from when the work is done, not from when it began', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    let calls = 0;
    const load = traces.runtime({ clock }).define(byId(), async (scope, _id: string) => {
      await scope.clock.sleep(900);
      return (calls += 1);
    });
    const first = load('a');
    await clock.advance(900);
    await first;
    await clock.advance(900);
    await expect(load('a')).resolves.toBe(1);
  });

  test('may be undefined or null', async () => {
    using traces = recordTraces();
    const values = [undefined, null, 'worked again', 'worked again'];
    const load = traces.runtime().define(byId(), async (_scope, _id: string) => values.shift());
    expect([await load('a'), await load('b'), await load('a'), await load('b')]).toEqual([undefined, null, undefined, null]);
  });

  test('of work that fails is not kept, and the error comes through unchanged', async () => {
    using traces = recordTraces();
    const notFound = Object.assign(new Error('no such order'), { statusCode: 404 });
    let calls = 0;
    const load = traces.runtime().define(byId(), async (_scope, _id: string) => {
      calls += 1;
      if (calls === 1) throw notFound;
      return calls;
    });
    await expect(load('a')).rejects.toBe(notFound);
    await expect(load('a')).resolves.toBe(2);
  });

  test('is not looked for where the key is undefined', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    let calls = 0;
    const load = runtime.define(cacheOf((_scope, id) => (id === 'never' ? undefined : 'a'))(), async (_scope, _id: string) => (calls += 1));
    expect([await load('never'), await load('never')]).toEqual([1, 2]);
    expect(traces.spans.map(({ attributes }) => 'tracewright.cache' in attributes)).toEqual([false, false]);
  });
});

test('G5: a hit has a span of its own, with the caller and the identity of whoever got it', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const load = operation({ name: 'load', interceptors: [cache({ key: 'prices', ttlMs: 1000, shared: true })] });
  for (const name of ['ada', 'bob'])
    await runtime.run(load, (scope) => scope.run('query', () => 1), {
      as: user(name),
      identity: { replace: { 'plugin.name': `of ${name}` } },
    });
  expect(traces.render({ attributes: ['plugin.name', 'tracewright.cache'] })).toMatchInlineSnapshot(`
    "load  user ada
    │  plugin.name = "of ada"
    │  tracewright.cache = "miss"
    └─ query
          plugin.name = "of ada"

    load  user bob
       plugin.name = "of bob"
       tracewright.cache = "hit""
  `);
});

describe('the key', () => {
  /** How often work was done when it is asked for under each of the keys. */
  async function worksFor(keys: readonly unknown[]): Promise<number> {
    using traces = recordTraces();
    let calls = 0;
    const load = traces.runtime().define(byId(), async (_scope, _key: unknown) => (calls += 1));
    for (const key of keys) await load(key);
    return calls;
  }

  const different: readonly (readonly [string, readonly unknown[]])[] = [
    ['lists that look alike when they are joined', [['a', 'b'], ['a,b'], ['ab'], ['a', 'b', '']]],
    ['types that look alike as text', [['1'], [1], [1n], [true], ['true'], [null], ['null'], ['_'], ['t'], ['n1;']]],
    ['texts that imitate the form of another key', ['s1:a', 'a', ['a', 's1:a'], ['as1:a'], 's1:as1:a']],
    ['an empty text and no part at all', ['', []]],
  ];

  test.each(different)('tells apart %s', async (_, keys) => {
    await expect(worksFor(keys)).resolves.toBe(keys.length);
  });

  test('of a text is that of a list with the text alone', async () => {
    await expect(worksFor(['a', ['a']])).resolves.toBe(1);
  });

  test('belongs to the operation, also where operations have one cache', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const both = cache({ key: (_scope, id: string) => id, ttlMs: 1000 });
    const loadOrder = runtime.define({ name: 'load order', interceptors: [both] }, async (_scope, id: string) => `order ${id}`);
    const loadUser = runtime.define({ name: 'load user', interceptors: [both] }, async (_scope, id: string) => `user ${id}`);
    expect([await loadOrder('1'), await loadUser('1')]).toEqual(['order 1', 'user 1']);
  });

  test('is the same on every try of a retry outside of the cache', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    let calls = 0;
    const interceptors = [retry({ maxAttempts: 2, delayMs: 1, jitter: 'none' }), cache({ key: 'a', ttlMs: 60_000 })];
    const load = runtime.define({ name: 'load', interceptors }, async () => {
      calls += 1;
      if (calls === 1) throw new Error('not yet');
      return calls;
    });
    expect([await load(), await load()]).toEqual([2, 2]);
  });

  test('that throws, or is none, fails the operation with that, and nothing is worked for', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const mistake = new TypeError('id of undefined');
    const throwing = cacheOf(() => {
      throw mistake;
    });
    const calls: string[] = [];
    await expect(runtime.run(throwing(), () => calls.push('worked'))).rejects.toBe(mistake);
    const nonsense = [{ id: 1 }, Promise.resolve('a'), 7, [undefined], [['a']], [Symbol('a')]];
    for (const key of nonsense)
      await expect(runtime.run(cacheOf(() => key as never)(), () => calls.push('worked'))).rejects.toMatchObject({ code: 'TW_BAD_OPTION' });
    expect(calls).toEqual([]);
  });
});

describe('callers', () => {
  const ada = user('ada');
  const principals = [
    ['two users', ada, user('bob')],
    ['a user and a service of the same id', ada, service('ada')],
    ['a user and an agent for the user', ada, agent('bot', { for: ada })],
    ['one agent for two users', agent('bot', { for: ada }), agent('bot', { for: user('bob') })],
    ['two agents for one user', agent('bot', { for: ada }), agent('tool', { for: ada })],
    ['an agent of an agent', agent('bot', { for: ada }), agent('bot', { for: agent('bot', { for: ada }) })],
    ['ids that imitate a chain of agents', user('a1:bu3:ada'), agent('a1:b', { for: ada })],
  ] as const;

  test.each(principals)('do not get what was made for others: %s', async (_, first, second) => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const load = operation({ name: 'load', interceptors: [cache({ key: 'own', ttlMs: 1000 })] });
    const makeFor = async (scope: Scope): Promise<object> => scope.principal;
    // All at once: they do not wait for one another's work either.
    const made = await Promise.all([first, second, first, second].map((as) => runtime.run(load, makeFor, { as })));
    expect(made.map((principal) => [first, second].indexOf(principal as typeof first))).toEqual([0, 1, 0, 1]);
    expect(traces.spans.map(({ attributes }) => attributes['tracewright.cache'])).toEqual(['miss', 'miss', 'shared', 'shared']);
  });

  test('who are the same in two objects are the same caller, whatever their credentials are now', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const load = operation({ name: 'load', interceptors: [cache({ key: 'own', ttlMs: 1000 })] });
    let calls = 0;
    for (const token of ['old', 'new']) await runtime.run(load, () => (calls += 1), { as: user('ada', { credentials: token }) });
    expect(calls).toBe(1);
  });

  test('share entries where that is asked for', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const load = operation({ name: 'load', interceptors: [cache({ key: 'prices', ttlMs: 1000, shared: true })] });
    let calls = 0;
    const body = async (): Promise<number> => (calls += 1);
    await Promise.all(['ada', 'bob'].map((id) => runtime.run(load, body, { as: user(id) })));
    await runtime.run(load, body, { as: user('eve') });
    expect(calls).toBe(1);
    expect(traces.spans.map(({ attributes }) => attributes['tracewright.cache'])).toEqual(['miss', 'shared', 'hit']);
  });

  test('are those of the scope that an interceptor hands on', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const asHeader: Interceptor = (scope, next) => next(scope.as(user(String(headers.shift()))));
    const headers = ['ada', 'bob'];
    const load = operation({ name: 'load', interceptors: [asHeader, cache({ key: 'own', ttlMs: 1000 })] });
    const work = (): Promise<string> => runtime.run(load, (scope) => scope.principal.id);
    expect([await work(), await work()]).toEqual(['ada', 'bob']);
  });
});

test('G7: neither spans nor metrics hold a key or a part of one; look-ups are counted by how they went', async () => {
  using traces = recordTraces();
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meterProvider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 })] });
  const runtime = traces.runtime({ meterProvider });
  const failing = { get: () => Promise.reject(new Error('store down')), set: () => undefined };
  const secret = 'canary-4711';
  const load = runtime.define(byId(), async (_scope, _id: string) => 1);
  const uncertain = runtime.define(
    { name: 'uncertain', interceptors: [cache({ key: secret, ttlMs: 1000, store: failing })] },
    async () => 1,
  );
  await Promise.all([load(secret), load(secret)]);
  await load(secret);
  await uncertain();
  await meterProvider.forceFlush();
  const counted = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics: all }) => all));
  expect(
    counted.flatMap(({ descriptor, dataPoints }) => dataPoints.map((point) => [descriptor.name, point.attributes, point.value])),
  ).toEqual([
    ['tracewright.cache.lookup', { 'tracewright.cache': 'miss' }, 1],
    ['tracewright.cache.lookup', { 'tracewright.cache': 'shared' }, 1],
    ['tracewright.cache.lookup', { 'tracewright.cache': 'hit' }, 1],
    ['tracewright.cache.lookup', { 'tracewright.cache': 'failed' }, 1],
  ]);
  expect(Buffer.from(traces.export()).includes(secret)).toBe(false);
  await meterProvider.shutdown();
});

const wrong: readonly (readonly [string, object, string])[] = [
  ['no key', { ttlMs: 1 }, 'cache.key'],
  ['a key that is a number', { key: 1, ttlMs: 1 }, 'cache.key'],
  ['a key with a part that is none', { key: ['a', {}], ttlMs: 1 }, 'cache.key[1]'],
  ['no time', { key: 'a' }, 'cache.ttlMs'],
  ['no time at all', { key: 'a', ttlMs: 0 }, 'cache.ttlMs'],
  ['time without end', { key: 'a', ttlMs: Number.POSITIVE_INFINITY }, 'cache.ttlMs'],
  ['shared as a text', { key: 'a', ttlMs: 1, shared: 'yes' }, 'cache.shared'],
  ['a store without set', { key: 'a', ttlMs: 1, store: { get: () => undefined } }, 'cache.store.set'],
  ['bounds beside a store', { key: 'a', ttlMs: 1, store: new Map(), maxEntries: 1 }, 'cache.maxEntries'],
  ['no wait for the store', { key: 'a', ttlMs: 1, storeTimeoutMs: 0 }, 'cache.storeTimeoutMs'],
  ['no entries', { key: 'a', ttlMs: 1, maxEntries: 0 }, 'maxEntries'],
  ['half a byte', { key: 'a', ttlMs: 1, maxBytes: 0.5 }, 'maxBytes'],
  ['a size that is no function', { key: 'a', ttlMs: 1, sizeOf: 8 }, 'sizeOf'],
  ['a misspelt option', { key: 'a', ttl: 1 }, 'cache.ttl'],
];

test.each(wrong)('%s is refused at the definition', (_, options, option) => {
  expect(() => cache(options as never)).toThrow(
    expect.objectContaining({ code: 'TW_BAD_OPTION', data: expect.objectContaining({ option }) }),
  );
});
