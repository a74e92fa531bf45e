import { AsyncLocalStorage } from 'node:async_hooks';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { currentScope, type OwnedStream, type Scope, user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

async function* countTo(limit: number): AsyncGenerator<number> {
  for (let item = 1; item <= limit; item += 1) yield item;
}

async function drain<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

test('G4: the body runs under the call that made the stream, whoever pulls, and its spans are children of the stream', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  let stream: OwnedStream<number> | undefined;
  const seen: (string | undefined)[] = [];
  let finish = (): void => undefined;
  const owner = runtime.run(
    'request',
    async (scope) => {
      stream = scope.stream('tokens', async function* (inner) {
        seen.push(currentScope()?.name);
        yield 1;
        traces.tracer('library').startSpan('library call').end();
        await inner.run('tool', () => 1);
        seen.push(currentScope()?.name);
        yield 2;
      });
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    },
    { as: user('ada') },
  );
  await context.with(ROOT_CONTEXT, () => stream?.next());
  await runtime.run(
    'other',
    async () => {
      await stream?.next();
      await stream?.next();
    },
    { as: user('bob') },
  );
  finish();
  await owner;
  expect(seen).toEqual(['tokens', 'tokens']);
  expect(traces.render()).toMatchInlineSnapshot(`
    "request  user ada
    └─ tokens  outcome done
       ├─ library call
       └─ tool

    other  user bob"
  `);
});

test('G4: return and throw run the clean-up of the body in its own context', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const seen: (string | undefined)[] = [];
  const body = async function* (): AsyncGenerator<number> {
    try {
      yield 1;
    } finally {
      seen.push(currentScope()?.name);
    }
  };
  const [left, thrown] = [runtime.stream('left', body), runtime.stream('thrown', body)];
  await left.next();
  await thrown.next();
  await runtime.run('other', async () => {
    await left.return();
    await expect(thrown.throw(new Error('stop'))).rejects.toThrow('stop');
    expect(currentScope()?.name).toBe('other');
  });
  expect(seen).toEqual(['left', 'thrown']);
  expect([left.outcome, thrown.outcome]).toEqual(['consumer_left', 'error']);
});

test('G4: nothing leaks from producer to consumer: neither its scope nor its stores', async () => {
  using traces = recordTraces();
  const store = new AsyncLocalStorage<string>();
  const runtime = traces.runtime();
  const inBody: (string | undefined)[] = [];
  const stream = store.run('maker', () =>
    runtime.stream('items', async function* () {
      store.enterWith('inside');
      inBody.push(store.getStore());
      yield 1;
      inBody.push(store.getStore());
      yield 2;
    }),
  );
  await store.run('reader', async () => {
    for await (const _ of stream) {
      expect([store.getStore(), currentScope()]).toEqual(['reader', undefined]);
    }
  });
  expect(inBody[0]).toBe('inside');
});

test('G4: the body has the stores of the call that made the stream', async () => {
  using traces = recordTraces();
  const store = new AsyncLocalStorage<string>();
  const stream = store.run('maker', () =>
    traces.runtime().stream('items', async function* () {
      yield store.getStore();
      yield store.getStore();
    }),
  );
  expect(await store.run('reader', () => drain(stream))).toEqual(['maker', 'maker']);
});

test('G4: the body sees the baggage of the consumer that pulls', async () => {
  using traces = recordTraces();
  const baggageOf = (tenant: string): ReturnType<typeof propagation.createBaggage> =>
    propagation.createBaggage({ tenant: { value: tenant } });
  const inTenant = <T>(tenant: string, fn: () => T): T => context.with(propagation.setBaggage(context.active(), baggageOf(tenant)), fn);
  const tenant = (): string | undefined => propagation.getActiveBaggage()?.getEntry('tenant')?.value;
  const stream = inTenant('maker', () =>
    traces.runtime().stream('items', async function* () {
      for (;;) yield tenant();
    }),
  );
  const seen = [
    await stream.next(),
    await inTenant('first', () => stream.next()),
    await inTenant('second', () => stream.next()),
    await stream.next(),
  ];
  await stream.return();
  expect(seen.map(({ value }) => value)).toEqual(['maker', 'first', 'second', 'maker']);
});

test.each<[string, (scope: Scope) => AsyncIterable<number> | Iterable<number> | ReadableStream<number> | Promise<AsyncIterable<number>>]>([
  ['an async generator', () => countTo(2)],
  ['a sync iterable', () => [1, 2]],
  [
    'a generator function of promises',
    function* () {
      yield* [1, 2];
    },
  ],
  ['a ReadableStream', () => ReadableStream.from([1, 2])],
  ['a promise of an async iterable', async () => countTo(2)],
  [
    'an iterator without return',
    () => ({
      [Symbol.asyncIterator]: () => {
        let item = 0;
        return { next: async () => (item < 2 ? { done: false as const, value: (item += 1) } : { done: true as const, value: undefined }) };
      },
    }),
  ],
])('a body may give %s', async (_, body) => {
  using traces = recordTraces();
  const stream = traces.runtime().stream('items', body);
  expect(await drain(stream)).toEqual([1, 2]);
  expect(traces.find('items').attributes).toMatchObject({ 'tracewright.outcome': 'done', 'tracewright.stream.items': 2 });
});

test.each([
  ['a number', 7],
  ['text', 'text'],
  ['nothing', undefined],
])('a body that gives %s fails with a code', async (_, given) => {
  using traces = recordTraces();
  await expect(
    traces
      .runtime()
      .stream('items', () => given as never)
      .next(),
  ).rejects.toMatchObject({ code: 'TW_NOT_ITERABLE' });
  expect(traces.find('items').attributes).toMatchObject({ 'tracewright.outcome': 'error', 'error.type': 'TW_NOT_ITERABLE' });
});

test('pulls that overlap are served in turn', async () => {
  using traces = recordTraces();
  const stream = traces.runtime().stream('items', () => countTo(3));
  const results = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()]);
  expect(results.map(({ value }) => value)).toEqual([1, 2, 3, undefined]);
  expect(traces.find('items')).toMatchObject({ ends: 1, attributes: { 'tracewright.stream.items': 3 } });
});

test('as a web stream it is pulled only when read, and leaves when cancelled', async () => {
  using traces = recordTraces();
  let pulled = 0;
  const stream = traces.runtime().stream('items', async function* () {
    for (const item of [1, 2, 3]) {
      pulled += 1;
      yield item;
    }
  });
  const reader = stream.toReadableStream().getReader();
  await Promise.resolve();
  expect([pulled, traces.spans.length]).toEqual([0, 0]);
  await expect(reader.read()).resolves.toEqual({ done: false, value: 1 });
  await reader.cancel();
  expect([pulled, stream.outcome]).toEqual([1, 'consumer_left']);
});

test('as a web stream it tells its reader of an error', async () => {
  using traces = recordTraces();
  const reader = traces
    .runtime()
    .stream('items', async function* () {
      yield 1;
      throw new Error('broken');
    })
    .toReadableStream()
    .getReader();
  await reader.read();
  await expect(reader.read()).rejects.toThrow('broken');
  expect(traces.find('items').ends).toBe(1);
});

test('values and errors that a consumer sends reach the body', async () => {
  using traces = recordTraces();
  const got: unknown[] = [];
  const stream = traces.runtime().stream('echo', async function* () {
    try {
      got.push(yield 1);
      yield 2;
    } catch (error) {
      got.push(error);
      yield 3;
    }
  });
  await stream.next();
  await stream.next('sent');
  await expect(stream.throw('thrown')).resolves.toEqual({ done: false, value: 3 });
  await stream.return();
  expect(got).toEqual(['sent', 'thrown']);
});

test('the active span in the body is the span of the stream', async () => {
  using traces = recordTraces();
  const stream = traces.runtime().stream('items', async function* (scope) {
    yield trace.getActiveSpan()?.spanContext().spanId === scope.spanContext.spanId;
  });
  expect(await drain(stream)).toEqual([true]);
});

test('pulls that overlap far beyond the end are all answered', async () => {
  using traces = recordTraces();
  const stream = traces.runtime().stream('items', () => countTo(1));
  const pulls = Array.from({ length: 6 }, () => stream.next());
  const left = stream.return();
  expect((await Promise.all(pulls)).map(({ done }) => done)).toEqual([true, true, true, true, true, true]);
  await expect(left).resolves.toMatchObject({ done: true });
  const read = traces.runtime().stream('read', () => countTo(1));
  expect((await Promise.all(Array.from({ length: 6 }, () => read.next()))).map(({ value }) => value)).toEqual([1, ...Array<undefined>(5)]);
});
