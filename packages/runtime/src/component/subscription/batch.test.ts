import { inspect } from 'node:util';
import {
  type BatchHandler,
  type BatchSubscribeOptions,
  defineComponent,
  deploy,
  memoryTransport,
  type Subscription,
} from 'tracewright/component';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

const order = z.object({ id: z.string() });
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const { signal } = new AbortController();

/** A component that takes orders in batches, on a broker in memory, with a clock that stands still. */
async function open(handler: BatchHandler<z.output<typeof order>>, options: BatchSubscribeOptions, limits: { linksPerSpan?: number } = {}) {
  const traces = recordTraces();
  const clock = fakeClock();
  const transport = memoryTransport({ clock });
  let subscription: Subscription | undefined;
  const shop = defineComponent({
    name: 'shop',
    interests: { orders: order },
    bootstrap(_l, link) {
      subscription = link.subscribe('orders', handler, options);
    },
  });
  const runtime = traces.runtime({ clock, limits });
  const deployment = await deploy(
    { identifier: 'fp', revision: 1, allocations: [{ component: 'shop' }] },
    { runtime, components: [shop], transport },
  );
  await deployment.ready;
  const outside = await transport.connect({ clientName: 'outside', signal });
  const send = async (...bodies: string[]): Promise<void> => {
    for (const [index, text] of bodies.entries()) {
      const traceparent = `00-${String(index + 1).padStart(32, 'a')}-${String(index + 1).padStart(16, 'b')}-01`;
      await outside.publish('orders', { id: `m-${index + 1}`, body: utf8(text), headers: { traceparent } }, signal);
    }
    await clock.advance(0);
  };
  const stop = async (): Promise<void> => {
    const stopped = deployment.stop();
    await clock.advance(0);
    await stopped;
  };
  if (subscription === undefined) throw new Error('not subscribed');
  return { traces, clock, transport, outside, subscription, send, stop };
}

const orders = (count: number): string[] => Array.from({ length: count }, (_, index) => `{"id":"A-${index + 1}"}`);

test('messages are handled together as soon as there are enough, and what is left when the first has waited long enough', async () => {
  const batches: string[][] = [];
  const shop = await open((messages) => void batches.push(messages.map(({ payload }) => payload.id)), { batch: { size: 3, waitMs: 200 } });
  using traces = shop.traces;
  await shop.send(...orders(5));
  expect(batches).toEqual([['A-1', 'A-2', 'A-3']]);
  await shop.clock.advance(199);
  expect(batches).toHaveLength(1);
  await shop.clock.advance(1);
  expect(batches).toEqual([
    ['A-1', 'A-2', 'A-3'],
    ['A-4', 'A-5'],
  ]);
  expect(shop.subscription.stats).toMatchObject({ received: 5, handled: 5, failed: 0, inFlight: 0 });
  await shop.stop();
  expect(shop.clock.pending).toBe(0);
  const [first] = traces.spans.filter(({ name }) => name === 'process orders');
  expect(first).toMatchObject({
    attributes: { 'messaging.batch.message_count': 3, 'tracewright.settled': 'ack' },
  });
  expect(first?.parentSpanId).toBeUndefined();
  expect(first?.links.map(({ attributes }) => attributes['tracewright.link.reason'])).toEqual(['producer', 'producer', 'producer']);
});

test('G10: a batch is no larger than the links of its span', async () => {
  const sizes: number[] = [];
  const shop = await open((messages) => void sizes.push(messages.length), { batch: { size: 10 } }, { linksPerSpan: 4 });
  using traces = shop.traces;
  await shop.send(...orders(9));
  await shop.clock.advance(100);
  expect(sizes).toEqual([3, 3, 3]);
  expect(
    traces.spans.map(({ droppedLinksCount, attributes }) => [droppedLinksCount, attributes['tracewright.links.dropped']]),
  ).not.toContainEqual([1, 1]);
  await shop.stop();
});

test('a handler names the messages that failed: only those come again', async () => {
  const seen: string[] = [];
  const handler: BatchHandler<z.output<typeof order>> = (messages) => {
    seen.push(messages.map(({ payload, attempt }) => `${payload.id}#${attempt}`).join(' '));
    return messages
      .filter(({ payload, attempt }) => payload.id === 'A-2' && attempt === 1)
      .map((message) => ({ message, error: new Error('no stock') }));
  };
  const shop = await open(handler, { batch: { size: 3 }, retry: { delayMs: 100, maxDelayMs: 100 } });
  using traces = shop.traces;
  await shop.send(...orders(3));
  await shop.clock.advance(1000);
  expect(seen).toEqual(['A-1#1 A-2#1 A-3#1', 'A-2#2']);
  expect(shop.subscription.stats).toMatchObject({ handled: 3, failed: 1, retried: 1 });
  const [first] = traces.spans.filter(({ name }) => name === 'process orders');
  expect(first).toMatchObject({
    status: { code: 'ERROR', message: '1 of 3 messages could not be handled' },
    attributes: { 'error.type': 'TW_BATCH_FAILED' },
  });
  expect(first?.attributes).not.toHaveProperty('tracewright.settled');
  expect(first?.events.find(({ name }) => name === 'tracewright.message.failed')?.attributes).toEqual({
    'messaging.message.id': 'm-2',
    'tracewright.attempt': 1,
    'tracewright.settled': 'retry',
    'error.type': 'Error',
  });
  await shop.stop();
});

test('a handler that throws has failed with all of its batch', async () => {
  let calls = 0;
  const handler = (): void => {
    calls += 1;
    throw new Error('no stock');
  };
  const shop = await open(handler, { batch: { size: 2 }, retry: { maxAttempts: 2, delayMs: 100, maxDelayMs: 100 } });
  using traces = shop.traces;
  await shop.send(...orders(2));
  await shop.clock.advance(2000);
  expect(calls).toBeGreaterThanOrEqual(2);
  expect(shop.subscription.stats).toMatchObject({ handled: 0, failed: 4, retried: 2, deadLettered: 2, inFlight: 0 });
  expect(traces.open).toEqual([]);
  await shop.stop();
});

test('G7: what cannot be read goes to the dead letter by itself; the rest of its batch is handled', async () => {
  const handled: string[] = [];
  const shop = await open((messages) => void handled.push(...messages.map(({ payload }) => payload.id)), { batch: { size: 3 } });
  using traces = shop.traces;
  await shop.send('{"id":"A-1"}', '{"id": nobody@example.com', '{"id":"A-3"}');
  await shop.clock.advance(100);
  expect(handled).toEqual(['A-1', 'A-3']);
  expect(shop.subscription.stats).toMatchObject({ handled: 2, deadLettered: 1 });
  expect(inspect(traces.spans, { depth: 9 })).not.toContain('nobody');
  await shop.stop();
});

test('G11: a stop gives back what waits for its batch', async () => {
  const shop = await open(() => undefined, { batch: { size: 10, waitMs: 60_000 } });
  using traces = shop.traces;
  await shop.send(...orders(3));
  await shop.stop();
  expect(shop.clock.pending).toBe(0);
  expect(traces.spans.some(({ name }) => name === 'process orders')).toBe(false);
  const source = await shop.outside.subscribe('orders', { group: 'fp/shop', prefetch: 10, signal });
  await expect(source.receive(10, AbortSignal.timeout(100))).resolves.toHaveLength(3);
});
