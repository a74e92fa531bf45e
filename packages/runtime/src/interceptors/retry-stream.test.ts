import type { Interceptor, OwnedStream } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { requireScope } from '../kernel/running-scope.ts';
import { retry } from './retry.ts';
import { timeout } from './timeout.ts';

/** Waits of exactly 10 and 20 ms. */
const steady = { delayMs: 10, jitter: 'none' } as const;

/** All items, and the error that the stream ended with, where it did. */
async function drain(stream: OwnedStream<number>): Promise<{ readonly items: readonly number[]; readonly error?: unknown }> {
  const items: number[] = [];
  try {
    for await (const item of stream) items.push(item);
    return { items };
  } catch (error) {
    return { items, error };
  }
}

test('a stream that fails before its first item is tried again, each try a span of its own', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  let calls = 0;
  const stream = traces.runtime({ clock }).stream({ name: 'tokens', interceptors: [retry(steady)] }, async function* (scope) {
    calls += 1;
    await scope.run('connect', () => (calls < 3 ? Promise.reject(new Error(`reset ${calls}`)) : 1));
    yield* [1, 2];
  });
  const drained = drain(stream);
  await clock.advance(30);
  expect(await drained).toEqual({ items: [1, 2] });
  expect(clock.pending).toBe(0);
  expect(traces.render({ attributes: ['tracewright.attempts', 'tracewright.stream.items'] })).toMatchInlineSnapshot(`
    "tokens  outcome done  service service
    │  tracewright.attempts = 3
    │  tracewright.stream.items = 2
    ├─ connect  ERROR Error  outcome error
    │     ✗ Error: reset 1
    ├─ attempt  ERROR Error  outcome error
    ├─ attempt  ERROR Error  outcome error
    │  └─ connect  ERROR Error  outcome error
    │        ✗ Error: reset 2
    └─ attempt
       └─ connect"
  `);
});

test('a stream that has handed out an item is not tried again: its error comes at once', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const failure = new Error('reset');
  const stream = traces.runtime({ clock }).stream({ name: 'tokens', interceptors: [retry(steady)] }, async function* () {
    yield 1;
    throw failure;
  });
  expect(await drain(stream)).toEqual({ items: [1], error: failure });
  expect(clock.pending).toBe(0);
  expect(traces.render({ attributes: ['tracewright.attempts'] })).toMatchInlineSnapshot(`
    "tokens  ERROR Error  outcome error  service service
       tracewright.attempts = 1
       ✗ Error: reset"
  `);
});

test('interceptors inside a retry see that they are around a stream on every try', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const seen: unknown[] = [];
  const looking: Interceptor = (scope, next) => {
    seen.push(requireScope(scope).streaming?.items);
    return next(scope);
  };
  const stream = traces.runtime({ clock }).stream({ name: 'tokens', interceptors: [retry(steady), looking] }, async function* () {
    if (seen.length < 3) throw new Error('reset');
    yield 1;
  });
  const drained = drain(stream);
  await clock.advance(30);
  expect(await drained).toEqual({ items: [1] });
  expect(seen).toEqual([0, 0, 0]);
});

test('a consumer that leaves during a wait ends it, and nothing is tried any more', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  let calls = 0;
  const stream = traces.runtime({ clock }).stream({ name: 'tokens', interceptors: [retry(steady)] }, (): Iterable<number> => {
    calls += 1;
    throw new Error('reset');
  });
  const pull = stream.next();
  await clock.advance(5);
  await stream.return();
  await pull;
  await clock.advance(1000);
  expect([calls, clock.pending]).toEqual([1, 0]);
  expect(traces.render()).toMatchInlineSnapshot(`
    "tokens  outcome consumer_left  cancelled by consumer  service service
    └─ attempt  ERROR Error  outcome error
          ✗ Error: reset"
  `);
});

test('a try of a stream that times out before its first item is tried again, though its producer hangs', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  let calls = 0;
  const stream = traces
    .runtime({ clock })
    .stream({ name: 'tokens', interceptors: [retry(steady), timeout({ timeoutMs: 100 })] }, async function* () {
      calls += 1;
      if (calls === 1) await new Promise(() => undefined);
      yield* [1, 2];
    });
  const drained = drain(stream);
  await clock.advance(110);
  expect(await drained).toEqual({ items: [1, 2] });
  expect(clock.pending).toBe(0);
  expect(traces.render()).toMatchInlineSnapshot(`
    "tokens  outcome done  service service
    ├─ attempt  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout
    │     ✗ TW_TIMEOUT: tokens took longer than 100 ms
    └─ attempt"
  `);
});

test('a time-out bounds the whole consumption of a stream', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const stream = traces
    .runtime({ clock })
    .stream({ name: 'tokens', interceptors: [retry(steady), timeout({ timeoutMs: 100 })] }, async function* (scope) {
      for (let item = 1; ; item += 1) {
        await clock.sleep(40, { signal: scope.signal });
        yield item;
      }
    });
  const drained = drain(stream);
  await clock.advance(200);
  expect(await drained).toMatchObject({ items: [1, 2], error: { code: 'TW_TIMEOUT', message: 'tokens took longer than 100 ms' } });
  expect(clock.pending).toBe(0);
  expect(traces.render({ attributes: ['tracewright.stream.items'] })).toMatchInlineSnapshot(`
    "tokens  ERROR TW_TIMEOUT  outcome timeout  cancelled by timeout  service service
       tracewright.stream.items = 2
       ✗ TW_TIMEOUT: tokens took longer than 100 ms"
  `);
});
