import { currentScope, type Interceptor, type PerItem, user } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

async function drain<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** An interceptor that looks at numbers. */
function mapping(change: (item: number) => number | Promise<number>): Interceptor {
  // It is only used for streams of numbers.
  return { item: ((item: number) => change(item)) as unknown as PerItem };
}

const refuse = (item: number): number => {
  if (item === 2) throw new RangeError('not this one');
  return item;
};

test('each item passes the interceptors on its way to the consumer, the innermost first; the last value of the body does not', async () => {
  using traces = recordTraces();
  const interceptors = [mapping(async (item) => item + 1), mapping((item) => item * 10)];
  const stream = traces.runtime().stream({ name: 'rows', interceptors }, function* () {
    yield 1;
    yield 2;
    return 3;
  });
  const results = [await stream.next(), await stream.next(), await stream.next()];
  expect(results.map(({ value }) => value)).toEqual([11, 21, 3]);
  expect(traces.find('rows').attributes).toMatchObject({ 'tracewright.outcome': 'done', 'tracewright.stream.items': 2 });
});

test('an interceptor may be around the consumption and look at each item', async () => {
  using traces = recordTraces();
  const log: unknown[] = [];
  const both: Interceptor = {
    around: async (scope, next) => {
      const outcome = await next(scope);
      log.push(outcome);
      return outcome;
    },
    item: (item) => {
      log.push(item);
      return item;
    },
  };
  expect(await drain(traces.runtime().stream({ name: 'rows', interceptors: [both] }, () => ['a', 'b']))).toEqual(['a', 'b']);
  expect(log).toEqual(['a', 'b', 'done']);
});

test('G4: items are looked at in the place and scope of the body, whoever pulls', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const seen: unknown[] = [];
  const checked: Interceptor = {
    around: (scope, next) => next(scope.as(user('ada'))),
    item: async (item, scope) => {
      seen.push(scope.principal.id, currentScope()?.principal.id);
      await scope.run('check', () => undefined);
      return item;
    },
  };
  const stream = runtime.stream({ name: 'rows', interceptors: [checked] }, () => [1], { as: user('bob') });
  await runtime.run('reader', () => drain(stream), { as: user('eve') });
  expect(seen).toEqual(['ada', 'ada']);
  expect(traces.render()).toMatchInlineSnapshot(`
    "reader  user eve

    rows  outcome done  user bob
    └─ check  user ada"
  `);
});

test('G4: the time that interceptors take for an item is the time of the producer', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const slow = mapping((item) => {
    clock.tick(30);
    return item;
  });
  const stream = traces.runtime({ clock }).stream({ name: 'rows', interceptors: [slow] }, () => [1, 2]);
  for await (const _ of stream) clock.tick(200);
  expect(traces.find('rows').attributes).toMatchObject({
    'tracewright.stream.producer_time': 0.06,
    'tracewright.stream.consumer_time': 0.4,
    'tracewright.stream.first_item_time': 0.03,
  });
});

test.each([
  ['throws', refuse],
  ['rejects', async (item: number) => refuse(item)],
])('G6: an interceptor that %s at an item fails the stream, once the producer has cleaned up inside its span', async (_, look) => {
  using traces = recordTraces();
  const log: unknown[] = [];
  const noted: Interceptor = async (scope, next) =>
    next(scope).finally(() => {
      log.push('unwound');
    });
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [noted, mapping(look)] }, async function* (scope) {
    try {
      yield* [1, 2, 3];
    } finally {
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      await scope.run('close cursor', () => log.push('cleaned up'));
    }
  });
  await stream.next();
  await expect(stream.next()).rejects.toThrow('not this one');
  await expect(stream.next()).resolves.toMatchObject({ done: true });
  expect(log).toEqual(['cleaned up', 'unwound']);
  expect(traces.find('close cursor').parentSpanId).toBe(traces.find('rows').spanId);
  expect(traces.find('rows')).toMatchObject({
    ends: 1,
    status: { code: 'ERROR' },
    attributes: { 'tracewright.outcome': 'error', 'error.type': 'RangeError', 'tracewright.stream.items': 1 },
  });
});

test('G1: a clean-up that hangs after an item was refused is ended by the limit of the stream', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const body = async function* (): AsyncGenerator<number> {
    try {
      yield 2;
    } finally {
      await new Promise(() => undefined);
    }
  };
  const stream = traces.runtime({ clock }).stream({ name: 'rows', interceptors: [mapping(refuse)] }, body, { timeoutMs: 50 });
  const told = stream.next().catch((error: unknown) => error);
  await clock.advance(50);
  await expect(told).resolves.toMatchObject({ code: 'TW_TIMEOUT' });
  expect(traces.find('rows')).toMatchObject({ ends: 1, attributes: { 'tracewright.outcome': 'timeout' } });
});

test('G6: a clean-up that fails after an item was refused is shown beside it', async () => {
  using traces = recordTraces();
  const body = async function* (): AsyncGenerator<number> {
    try {
      yield 2;
    } finally {
      // oxlint-disable-next-line no-unsafe-finally -- a clean-up that fails is what this is about
      throw new TypeError('cannot close');
    }
  };
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [mapping(refuse)] }, body);
  await expect(stream.next()).rejects.toThrow('not this one');
  const { events, attributes } = traces.find('rows');
  expect(events.map((event) => event.attributes['exception.type'])).toEqual(['TypeError', 'RangeError']);
  expect(attributes['error.type']).toBe('RangeError');
});

test('an item at which an interceptor stops the stream is not handed out', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  const stopping = mapping((item) => {
    client.abort('enough');
    return item;
  });
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [stopping] }, () => [1, 2], { signal: client.signal });
  await expect(stream.next()).rejects.toBe('enough');
  expect(traces.find('rows').attributes).toMatchObject({ 'tracewright.outcome': 'aborted', 'tracewright.stream.items': 0 });
});

test('an item that is still looked at when the stream is stopped is dropped, and so is what becomes of it', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  const settle: (() => void)[] = [];
  const waiting = mapping((item) => new Promise((resolve) => settle.push(() => resolve(item))));
  const failing = mapping((item) => new Promise((_, reject) => settle.push(() => reject(new RangeError(`late ${item}`)))));
  const pulls = [waiting, failing].map((interceptor) =>
    traces
      .runtime()
      .stream({ name: 'rows', interceptors: [interceptor] }, () => [1], { signal: client.signal })
      .next()
      .catch((error: unknown) => error),
  );
  await new Promise((resolve) => setImmediate(resolve));
  client.abort('gone');
  expect(await Promise.all(pulls)).toEqual(['gone', 'gone']);
  for (const call of settle) call();
  await new Promise((resolve) => setImmediate(resolve));
  expect(traces.spans.map(({ ends, attributes }) => [ends, attributes['tracewright.outcome']])).toEqual([
    [1, 'aborted'],
    [1, 'aborted'],
  ]);
  expect(traces.spans.map(({ attributes }) => attributes['tracewright.stream.items'])).toEqual([0, 0]);
});
