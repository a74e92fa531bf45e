import { AsyncLocalStorage } from 'node:async_hooks';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { currentScope, type OwnedStream, type Scope, user } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

async function* countTo(limit: number): AsyncGenerator<number> {
  for (let item = 1; item <= limit; item += 1) yield item;
}

async function drain<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** A producer that never answers, unless its signal tells it to stop. */
const silent = (): AsyncIterable<number> => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) });

test('G4: the body runs under the call that made the stream, whoever pulls, and its spans are children of the stream', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  let stream: OwnedStream<number> | undefined;
  const seen: (string | undefined)[] = [];
  let finish = (): void => undefined;
  const owner = runtime.run('request', async (scope) => {
    stream = scope.stream('tokens', async function* (inner) {
      seen.push(currentScope()?.name);
      yield 1;
      traces.tracer('library').startSpan('library call').end();
      await inner.run('tool', () => 1);
      seen.push(currentScope()?.name);
      yield 2;
    });
    await new Promise<void>((resolve) => { finish = resolve; });
  }, { as: user('ada') });
  await context.with(ROOT_CONTEXT, () => stream?.next());
  await runtime.run('other', async () => { await stream?.next(); await stream?.next(); }, { as: user('bob') });
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
    try { yield 1; } finally { seen.push(currentScope()?.name); }
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
  const stream = store.run('maker', () => runtime.stream('items', async function* () {
    store.enterWith('inside');
    inBody.push(store.getStore());
    yield 1;
    inBody.push(store.getStore());
    yield 2;
  }));
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
  const stream = store.run('maker', () => traces.runtime().stream('items', async function* () { yield store.getStore(); yield store.getStore(); }));
  expect(await store.run('reader', () => drain(stream))).toEqual(['maker', 'maker']);
});

test('G4: the body sees the baggage of the consumer that pulls', async () => {
  using traces = recordTraces();
  const baggageOf = (tenant: string): ReturnType<typeof propagation.createBaggage> => propagation.createBaggage({ tenant: { value: tenant } });
  const inTenant = <T>(tenant: string, fn: () => T): T => context.with(propagation.setBaggage(context.active(), baggageOf(tenant)), fn);
  const tenant = (): string | undefined => propagation.getActiveBaggage()?.getEntry('tenant')?.value;
  const stream = inTenant('maker', () => traces.runtime().stream('items', async function* () { for (;;) yield tenant(); }));
  const seen = [await stream.next(), await inTenant('first', () => stream.next()), await inTenant('second', () => stream.next()), await stream.next()];
  await stream.return();
  expect(seen.map(({ value }) => value)).toEqual(['maker', 'first', 'second', 'maker']);
});

test.each<[string, (scope: Scope) => AsyncIterable<number> | Iterable<number> | ReadableStream<number> | Promise<AsyncIterable<number>>]>([
  ['an async generator', () => countTo(2)],
  ['a sync iterable', () => [1, 2]],
  ['a generator function of promises', function* () { yield* [1, 2]; }],
  ['a ReadableStream', () => ReadableStream.from([1, 2])],
  ['a promise of an async iterable', async () => countTo(2)],
  ['an iterator without return', () => ({ [Symbol.asyncIterator]: () => { let item = 0; return { next: async () => (item < 2 ? { done: false as const, value: (item += 1) } : { done: true as const, value: undefined }) }; } })],
])('a body may give %s', async (_, body) => {
  using traces = recordTraces();
  const stream = traces.runtime().stream('items', body);
  expect(await drain(stream)).toEqual([1, 2]);
  expect(traces.find('items').attributes).toMatchObject({ 'tracewright.outcome': 'done', 'tracewright.stream.items': 2 });
});

test.each([['a number', 7], ['text', 'text'], ['nothing', undefined]])('a body that gives %s fails with a code', async (_, given) => {
  using traces = recordTraces();
  await expect(traces.runtime().stream('items', () => given as never).next()).rejects.toMatchObject({ code: 'TW_NOT_ITERABLE' });
  expect(traces.find('items').attributes).toMatchObject({ 'tracewright.outcome': 'error', 'error.type': 'TW_NOT_ITERABLE' });
});

test('G1: a stream that is never pulled has no span; left unread, a span that says so', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  let ran = false;
  const body = async function* (): AsyncGenerator<number> { ran = true; yield 1; };
  runtime.stream('forgotten', body);
  const unread = runtime.stream('unread', body);
  await expect(unread.return('bye')).resolves.toEqual({ done: true, value: 'bye' });
  await expect(unread.next()).resolves.toEqual({ done: true, value: undefined });
  expect(ran).toBe(false);
  expect(traces.spans.map(({ name, ends, attributes }) => [name, ends, attributes['tracewright.outcome']])).toEqual([['unread', 1, 'never_started']]);
});

test('G1: a consumer that breaks out ends the span once, when the producer has cleaned up', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const events: string[] = [];
  const stream = runtime.stream('items', async function* (scope) {
    try { yield* countTo(9); } finally { await scope.run('release', () => events.push('released')); }
  });
  for await (const item of stream) if (item === 2) break;
  events.push('left');
  expect(events).toEqual(['released', 'left']);
  expect(traces.find('items')).toMatchObject({ ends: 1, status: { code: 'UNSET' }, attributes: { 'tracewright.outcome': 'consumer_left', 'tracewright.stream.items': 2 } });
  expect(traces.find('release').parentSpanId).toBe(traces.find('items').spanId);
});

test('G1: errors of the body reach the consumer unchanged, and the span, whether thrown at once, late, or in clean-up', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const error = new Error('no more');
  const atOnce = runtime.stream('at once', () => { throw error; });
  const late = runtime.stream('late', async function* () { yield 1; throw error; });
  const cleaning = runtime.stream('cleaning', async function* () { try { yield 1; } finally { throw error; } });
  await expect(drain(atOnce)).rejects.toBe(error);
  await expect(drain(late)).rejects.toBe(error);
  await cleaning.next();
  await expect(cleaning.return()).rejects.toBe(error);
  for (const name of ['at once', 'late', 'cleaning']) {
    expect(traces.find(name)).toMatchObject({ ends: 1, status: { code: 'ERROR' }, attributes: { 'tracewright.outcome': 'error', 'error.type': 'Error' } });
  }
  await expect(late.next()).resolves.toEqual({ done: true, value: undefined });
});

test('G1: an abort ends a stream whose producer hangs, whose producer listens, and one at rest', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const client = new AbortController();
  const options = { signal: client.signal };
  const hanging = runtime.stream('hanging', silent, options);
  const listening = runtime.stream('listening', async function* (scope) {
    await new Promise((_, reject) => scope.signal.addEventListener('abort', () => reject(scope.signal.reason)));
    yield 1;
  }, options);
  const resting = runtime.stream('resting', () => countTo(3), options);
  const pulls = [hanging.next(), listening.next()];
  await resting.next();
  client.abort('client is gone');
  for (const pull of pulls) await expect(pull).rejects.toBe('client is gone');
  await expect(resting.next()).rejects.toBe('client is gone');
  await expect(resting.next()).resolves.toEqual({ done: true, value: undefined });
  for (const name of ['hanging', 'listening', 'resting']) {
    expect(traces.find(name)).toMatchObject({ ends: 1, status: { code: 'UNSET' }, attributes: { 'tracewright.outcome': 'aborted', 'tracewright.cancelled_by': 'client' } });
  }
});

test('G1: items that a body yields after the abort are dropped', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  let give = (_: number): void => undefined;
  const stream = traces.runtime().stream('stubborn', async function* () { for (;;) yield await new Promise<number>((resolve) => { give = resolve; }); }, { signal: client.signal });
  const pull = stream.next();
  client.abort('gone');
  give(1);
  await expect(pull).rejects.toBe('gone');
  expect(traces.find('stubborn').attributes).toMatchObject({ 'tracewright.outcome': 'aborted', 'tracewright.stream.items': 0 });
});

test('G6: a clean-up that fails after an abort is shown on the span', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  const stream = traces.runtime().stream('items', async function* () { try { yield* countTo(2); } finally { throw new RangeError('clean-up failed'); } }, { signal: client.signal });
  await stream.next();
  client.abort('gone');
  await expect(stream.next()).rejects.toBe('gone');
  expect(traces.find('items')).toMatchObject({ status: { code: 'ERROR' }, attributes: { 'tracewright.outcome': 'aborted', 'error.type': 'RangeError' } });
});

test('G4: a producer that is silent for longer than the idle limit times out', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const stream = traces.runtime({ clock }).stream('slow', silent, { idleTimeoutMs: 100 });
  const pull = stream.next();
  const rejected = expect(pull).rejects.toMatchObject({ code: 'TW_TIMEOUT', data: { timeoutMs: 100 } });
  await clock.advance(100);
  await rejected;
  expect(traces.find('slow')).toMatchObject({ status: { code: 'ERROR' }, attributes: { 'tracewright.outcome': 'timeout', 'error.type': 'TW_TIMEOUT' } });
  expect(clock.pending).toBe(0);
});

test('G4: a consumer that asks for nothing for longer than the idle limit has left', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const stream = traces.runtime({ clock }).stream('read once', () => countTo(5), { idleTimeoutMs: 100 });
  await stream.next();
  await clock.advance(60);
  await stream.next();
  await clock.advance(60);
  expect(stream.outcome).toBeUndefined();
  await clock.advance(40);
  expect(traces.find('read once')).toMatchObject({ status: { code: 'UNSET' }, attributes: { 'tracewright.outcome': 'consumer_left', 'tracewright.stream.items': 2 } });
});

test('G4: a stream that takes longer than its limit times out between two items', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const stream = traces.runtime({ clock }).stream('long', () => countTo(5), { timeoutMs: 50 });
  await stream.next();
  await clock.advance(50);
  await expect(stream.next()).rejects.toMatchObject({ code: 'TW_TIMEOUT' });
  expect(stream.outcome).toBe('timeout');
  expect(clock.pending).toBe(0);
});

test('G4: time of the producer and time of a slow consumer are told apart', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const stream = traces.runtime({ clock }).stream('items', async function* () {
    clock.tick(30);
    yield 1;
    clock.tick(10);
    yield 2;
  });
  for await (const _ of stream) clock.tick(200);
  expect(traces.find('items').attributes).toMatchObject({
    'tracewright.stream.items': 2,
    'tracewright.stream.first_item_time': 0.03,
    'tracewright.stream.producer_time': 0.04,
    'tracewright.stream.consumer_time': 0.4,
  });
});

test('pulls that overlap are served in turn', async () => {
  using traces = recordTraces();
  const stream = traces.runtime().stream('items', () => countTo(3));
  const results = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()]);
  expect(results.map(({ value }) => value)).toEqual([1, 2, 3, undefined]);
  expect(traces.find('items')).toMatchObject({ ends: 1, attributes: { 'tracewright.stream.items': 3 } });
});

test('leaving while a pull is under way ends both', async () => {
  using traces = recordTraces();
  const stream = traces.runtime().stream('items', silent);
  const pull = stream.next();
  await expect(stream.return()).resolves.toMatchObject({ done: true });
  await expect(pull).resolves.toEqual({ done: true, value: undefined });
  expect(stream.outcome).toBe('consumer_left');
});

test('the span covers consumption only: it starts with the first pull', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const stream = traces.runtime({ clock }).stream('items', () => countTo(1));
  clock.tick(1000);
  await drain(stream);
  const { startTimeUnixNano, endTimeUnixNano } = traces.find('items');
  expect(startTimeUnixNano).toBe(BigInt(Date.UTC(2026, 0, 1) + 1000) * 1_000_000n);
  expect(endTimeUnixNano).toBe(startTimeUnixNano);
});

test('G3: a stream that is first pulled after its owner has ended is a root, linked to the owner', async () => {
  using traces = recordTraces();
  const stream = await traces.runtime().run('request', (scope) => ({ handedOut: scope.stream('items', () => countTo(2)) }), { as: user('ada') });
  expect(await drain(stream.handedOut)).toEqual([1, 2]);
  expect(traces.find('items').parentSpanId).toBeUndefined();
  expect(traces.find('items')).toMatchObject({ links: [{ spanId: traces.find('request').spanId }], attributes: { 'caller.id': 'ada' } });
});

test('G1: a stream that is being read when its owner ends is ended with it, and its reader told', async () => {
  using traces = recordTraces();
  let cleaned = false;
  const { stream, pull } = await traces.runtime().run('request', async (scope) => {
    const open = scope.stream('items', async function* () { try { yield 1; await new Promise(() => undefined); } finally { cleaned = true; } });
    await open.next();
    const waiting = open.next();
    waiting.catch(() => undefined);
    return { stream: open, pull: waiting };
  });
  expect(traces.open).toEqual([]);
  await expect(pull).rejects.toMatchObject({ code: 'TW_SCOPE_ENDED' });
  expect(stream.outcome).toBe('error');
  expect(cleaned).toBe(false);
  expect(traces.find('items')).toMatchObject({ ends: 1, attributes: { 'error.type': 'span_not_ended', 'tracewright.outcome': 'error', 'tracewright.stream.items': 1 } });
});

test('as a web stream it is pulled only when read, and leaves when cancelled', async () => {
  using traces = recordTraces();
  let pulled = 0;
  const stream = traces.runtime().stream('items', async function* () { for (const item of [1, 2, 3]) { pulled += 1; yield item; } });
  const reader = stream.toReadableStream().getReader();
  await Promise.resolve();
  expect([pulled, traces.spans.length]).toEqual([0, 0]);
  await expect(reader.read()).resolves.toEqual({ done: false, value: 1 });
  await reader.cancel();
  expect([pulled, stream.outcome]).toEqual([1, 'consumer_left']);
});

test('as a web stream it tells its reader of an error', async () => {
  using traces = recordTraces();
  const reader = traces.runtime().stream('items', async function* () { yield 1; throw new Error('broken'); }).toReadableStream().getReader();
  await reader.read();
  await expect(reader.read()).rejects.toThrow('broken');
  expect(traces.find('items').ends).toBe(1);
});

test('await using leaves the stream at the end of the block', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  {
    await using stream = runtime.stream('items', () => countTo(3));
    await stream.next();
  }
  expect(traces.find('items').attributes['tracewright.outcome']).toBe('consumer_left');
});

test('the signal of a stream aborts when its consumer has left, for what the body left running', async () => {
  using traces = recordTraces();
  let signal: AbortSignal | undefined;
  const stream = traces.runtime().stream('items', async function* (scope) { signal = scope.signal; yield 1; yield 2; });
  for await (const _ of stream) break;
  expect(signal?.aborted).toBe(true);
  expect(signal?.reason).toMatchObject({ code: 'TW_CANCELLED', data: { by: 'consumer' } });
});

test('values and errors that a consumer sends reach the body', async () => {
  using traces = recordTraces();
  const got: unknown[] = [];
  const stream = traces.runtime().stream('echo', async function* () {
    try { got.push(yield 1); yield 2; } catch (error) { got.push(error); yield 3; }
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
