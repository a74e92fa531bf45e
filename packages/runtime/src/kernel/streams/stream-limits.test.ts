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

test('G4: a producer that is silent for longer than the idle limit times out', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const stream = traces.runtime({ clock }).stream('slow', silent, { idleTimeoutMs: 100 });
  const pull = stream.next();
  const rejected = expect(pull).rejects.toMatchObject({ code: 'TW_TIMEOUT', data: { timeoutMs: 100 } });
  await clock.advance(100);
  await rejected;
  expect(traces.find('slow')).toMatchObject({
    status: { code: 'ERROR' },
    attributes: { 'tracewright.outcome': 'timeout', 'error.type': 'TW_TIMEOUT' },
  });
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
  expect(traces.find('read once')).toMatchObject({
    status: { code: 'UNSET' },
    attributes: { 'tracewright.outcome': 'consumer_left', 'tracewright.stream.items': 2 },
  });
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

test('G1: a stream that ends in time leaves no timer behind', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const stream = traces.runtime({ clock }).stream('items', () => countTo(2), { timeoutMs: 50, idleTimeoutMs: 20 });
  expect(await drain(stream)).toEqual([1, 2]);
  expect(clock.pending).toBe(0);
});
