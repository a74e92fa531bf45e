import { type Interceptor, operation, type OwnedStream, user } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { describe, expect, test } from 'vitest';
import { cache, type CacheOptions } from './cache.ts';
import { retry } from './retry.ts';

const wordsWith = (options: Partial<CacheOptions> = {}, ...further: Interceptor[]) =>
  operation({ name: 'words', interceptors: [cache({ key: 'words', ttlMs: 1000, ...options }), ...further] });

async function drain<T>(stream: OwnedStream<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** A source that counts how often it was opened. */
function counted(...items: unknown[]): { readonly open: () => AsyncGenerator; readonly opened: () => number } {
  let opened = 0;
  return {
    open: async function* () {
      opened += 1;
      yield* items;
    },
    opened: () => opened,
  };
}

test('a stream that was read to its end is given out again, item by item, until it expires', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const words = wordsWith();
  const { open, opened } = counted('a', undefined, { deep: true });
  const first = await drain(runtime.stream(words, open));
  const again = await drain(runtime.stream(words, open));
  expect(again).toEqual(['a', undefined, { deep: true }]);
  expect(again[2]).toBe(first[2]);
  expect(opened()).toBe(1);
  await clock.advance(1000);
  await drain(runtime.stream(words, open));
  expect(opened()).toBe(2);
  expect(traces.render({ attributes: ['tracewright.cache', 'tracewright.stream.outcome'] })).toMatchInlineSnapshot(`
    "words  outcome done  service service
       tracewright.cache = "miss"

    words  outcome done  service service
       tracewright.cache = "hit"

    words  outcome done  service service
       tracewright.cache = "miss""
  `);
});

test('a stream without items is kept too', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const words = wordsWith();
  const { open, opened } = counted();
  expect([await drain(runtime.stream(words, open)), await drain(runtime.stream(words, open))]).toEqual([[], []]);
  expect(opened()).toBe(1);
});

describe('a stream is not kept', () => {
  test('when its reader left early', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const words = wordsWith();
    const { open, opened } = counted('a', 'b');
    for await (const _ of runtime.stream(words, open)) break;
    expect(await drain(runtime.stream(words, open))).toEqual(['a', 'b']);
    expect(opened()).toBe(2);
  });

  test('when it failed', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const words = wordsWith();
    const broken = new Error('broken');
    const failing = async function* () {
      yield 'a';
      throw broken;
    };
    await expect(drain(runtime.stream(words, failing))).rejects.toBe(broken);
    expect(await drain(runtime.stream(words, counted('a', 'b').open))).toEqual(['a', 'b']);
  });

  test('when it was aborted', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const words = wordsWith();
    const client = new AbortController();
    const stream = runtime.stream(words, counted('a', 'b').open, { signal: client.signal });
    await stream.next();
    client.abort(new Error('gone'));
    await expect(stream.next()).rejects.toThrow('gone');
    expect(await drain(runtime.stream(words, counted('c').open))).toEqual(['c']);
  });

  test('when it has more items than are kept', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const words = wordsWith();
    const many = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
    expect(await drain(runtime.stream(words, () => many(10_001)))).toHaveLength(10_001);
    expect(await drain(runtime.stream(words, () => many(10_000)))).toHaveLength(10_000);
    expect(await drain(runtime.stream(words, () => many(1)))).toHaveLength(10_000);
  });

  test('when its items are larger than what is kept', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const words = wordsWith({ maxBytes: 100, sizeOf: (item) => Number(item) });
    await drain(runtime.stream(words, () => [60, 60]));
    expect(await drain(runtime.stream(words, () => [40, 60]))).toEqual([40, 60]);
    expect(await drain(runtime.stream(words, () => [1]))).toEqual([40, 60]);
  });

  test('when the size of an item cannot be told', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const words = wordsWith({
      sizeOf: (item) => {
        if (item === 'b') throw new Error('no size');
        return 1;
      },
    });
    expect(await drain(runtime.stream(words, () => ['a', 'b', 'c']))).toEqual(['a', 'b', 'c']);
    expect(await drain(runtime.stream(words, () => ['d']))).toEqual(['d']);
  });
});

test('two readers at the same time each read their own stream', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const words = wordsWith();
  const { open, opened } = counted('a', 'b');
  const both = await Promise.all([drain(runtime.stream(words, open)), drain(runtime.stream(words, open))]);
  expect([both, opened()]).toEqual([
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    2,
  ]);
});

test('items are kept as the body gave them, and pass what looks at items again', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  let looked = 0;
  const numbered: Interceptor = { item: (item) => `${(looked += 1)}${String(item)}` as typeof item };
  const words = wordsWith({}, numbered);
  expect(await drain(runtime.stream(words, () => ['a', 'b']))).toEqual(['1a', '2b']);
  expect(await drain(runtime.stream(words, () => []))).toEqual(['3a', '4b']);
});

test('a stream and a run of one operation have entries of their own', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const words = wordsWith();
  expect(await runtime.run(words, () => ['run'])).toEqual(['run']);
  expect(await drain(runtime.stream(words, () => ['stream']))).toEqual(['stream']);
  expect(await runtime.run(words, () => ['run again'])).toEqual(['run']);
});

test('G5: nobody gets the stream of somebody else', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const words = wordsWith();
  for (const id of ['ada', 'bob', 'ada']) {
    const stream = runtime.stream(words, (scope) => [scope.principal.id], { as: user(id) });
    expect(await drain(stream)).toEqual([id]);
  }
});

describe('a retry', () => {
  const failsOnce = (): (() => AsyncGenerator<string>) => {
    let opened = 0;
    return async function* () {
      opened += 1;
      if (opened === 1) throw new Error('not yet');
      yield `try ${opened}`;
    };
  };
  const again = retry({ maxAttempts: 2, delayMs: 10, jitter: 'none' });

  test.each([
    ['inside', [cache({ key: 'words', ttlMs: 1000 }), again]],
    ['outside', [again, cache({ key: 'words', ttlMs: 1000 })]],
  ])('%s of the cache has the items of the try that went well kept', async (_, interceptors) => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const words = operation({ name: 'words', interceptors });
    const first = drain(runtime.stream(words, failsOnce()));
    await clock.advance(10);
    await expect(first).resolves.toEqual(['try 2']);
    await expect(drain(runtime.stream(words, () => ['worked again']))).resolves.toEqual(['try 2']);
    expect(clock.pending).toBe(0);
  });
});

describe('G9: a store that fails', () => {
  const ways: readonly (readonly [string, () => never])[] = [
    [
      'throws',
      () => {
        throw new Error('store down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('store down')) as never],
    ['does not answer', () => new Promise(() => undefined) as never],
    ['has something else', () => ({ value: 'no list', expiresAt: Number.MAX_VALUE }) as never],
  ];

  test.each(ways)('when it reads (%s) has the stream read, and shows', async (how, get) => {
    using traces = recordTraces();
    const clock = fakeClock();
    const words = wordsWith({ store: { get, set: () => undefined } });
    const items = drain(traces.runtime({ clock }).stream(words, () => ['a']));
    await clock.advance(500);
    await expect(items).resolves.toEqual(['a']);
    expect(traces.find('words').attributes['tracewright.cache']).toBe(how === 'has something else' ? 'miss' : 'failed');
    expect(clock.pending).toBe(0);
  });

  test.each(ways)('when it writes (%s) changes nothing', async (how, set) => {
    using traces = recordTraces();
    const clock = fakeClock();
    const words = wordsWith({ store: { get: () => undefined, set } });
    await expect(drain(traces.runtime({ clock }).stream(words, () => ['a']))).resolves.toEqual(['a']);
    expect(traces.find('words').attributes['tracewright.cache']).toBe(how === 'throws' ? 'failed' : 'miss');
    await clock.advance(500);
    expect(clock.pending).toBe(0);
  });

  test('may be slow: a reader that is aborted meanwhile is told at once', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const client = new AbortController();
    const words = wordsWith({ store: { get: () => new Promise(() => undefined), set: () => undefined } });
    const opened: string[] = [];
    const items = drain(traces.runtime({ clock }).stream(words, () => [opened.push('opened')], { signal: client.signal }));
    client.abort(new Error('gone'));
    await expect(items).rejects.toThrow('gone');
    expect([opened, clock.pending]).toEqual([[], 0]);
  });
});
