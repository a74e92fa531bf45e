import { inspect } from 'node:util';
import { TracewrightError } from 'tracewright';
import {
  type Delivery,
  defineComponent,
  deploy,
  type Handler,
  memoryTransport,
  type SubscribeOptions,
  type Subscription,
  type TransportConnection,
} from 'tracewright/component';
import { type FakeClock, fakeClock, recordTraces, type TraceRecorder } from 'tracewright/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const order = z.object({ id: z.string(), price: z.number().default(0) });
type Order = z.output<typeof order>;

const signal = new AbortController().signal;
const hang = (): Promise<never> => new Promise(() => undefined);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

interface Shop {
  readonly traces: TraceRecorder;
  readonly clock: FakeClock;
  readonly subscription: Subscription;
  /** Sends as somebody who is no component. */
  send(body: unknown, options?: { key?: string; id?: string; headers?: Record<string, string> }): Promise<void>;
  /** What came into a destination so far; settled. */
  read(destination: string): Promise<readonly Delivery[]>;
  stop(): Promise<void>;
  terminate(): Promise<void>;
}

/** A component that takes orders, on a broker in memory, with a clock that stands still. */
async function open(handler: Handler<Order>, options: SubscribeOptions = {}): Promise<Shop> {
  const traces = recordTraces();
  const clock = fakeClock();
  const transport = memoryTransport({ clock, ackTimeoutMs: 3000 });
  let subscription: Subscription | undefined;
  const shop = defineComponent({
    name: 'shop',
    interests: { orders: order },
    bootstrap(_l, link) {
      subscription = link.subscribe('orders', handler, options);
    },
  });
  const footprint = { identifier: 'fp', revision: 1, name: 'mall', allocations: [{ component: 'shop' }] };
  const deployment = await deploy(footprint, { runtime: traces.runtime({ clock }), components: [shop], transport });
  await deployment.ready;
  if (subscription === undefined) throw new Error('not subscribed');
  const outside: TransportConnection = await transport.connect({ clientName: 'outside', signal });
  let sent = 0;
  return {
    traces,
    clock,
    subscription,
    async send(body, { key, id, headers = {} } = {}) {
      sent += 1;
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      await outside.publish('orders', { id: id ?? `m-${sent}`, key, body: utf8(text), headers }, signal);
      await clock.advance(0);
    },
    async read(destination) {
      const source = await outside.subscribe(destination, { group: 'reader', prefetch: 100, signal });
      const found = await source.receive(100, AbortSignal.timeout(100));
      for (const delivery of found) await delivery.ack();
      await source.close();
      return found;
    },
    async stop() {
      const stopped = deployment.stop();
      await clock.advance(0);
      await stopped;
    },
    async terminate() {
      deployment.lifecycle.terminate();
      await clock.advance(2000);
      await deployment.done;
    },
  };
}

const processed = (traces: TraceRecorder): unknown[] =>
  traces.spans
    .filter(({ name }) => name === 'process orders')
    .map(({ attributes }) => [attributes['tracewright.attempt'], attributes['tracewright.settled'], attributes['error.type']]);

const steady = { delayMs: 100, maxDelayMs: 100 };

test('a message is handled with what its schema makes of it, and acknowledged when that has settled well', async () => {
  const handled: unknown[] = [];
  const shop = await open(({ payload, id, key, headers, attempt, publishedAt }) => {
    handled.push({ payload, id, key, headers, attempt, publishedAt });
  });
  using traces = shop.traces;
  await shop.send({ id: 'A-1' }, { key: 'ada', headers: { 'x-shop': 'north', 'content-type': 'application/json' } });
  expect(handled).toEqual([
    {
      payload: { id: 'A-1', price: 0 },
      id: 'm-1',
      key: 'ada',
      headers: { 'x-shop': 'north' },
      attempt: 1,
      publishedAt: Date.UTC(2026, 0, 1),
    },
  ]);
  expect(shop.subscription.stats).toEqual({ received: 1, handled: 1, failed: 0, retried: 0, deadLettered: 0, dropped: 0, inFlight: 0 });
  await shop.stop();
  expect(processed(traces)).toEqual([[1, 'ack', undefined]]);
});

test('E3: a subscription that is idle for ten minutes has no span', async () => {
  const shop = await open(() => undefined);
  using traces = shop.traces;
  const before = traces.spans.length;
  await shop.clock.advance(600_000);
  expect(traces.spans).toHaveLength(before);
  expect(traces.open).toEqual([]);
  await shop.stop();
});

describe('a handler that fails', () => {
  const ways: Record<string, () => unknown> = {
    throws: () => {
      throw new Error('no stock');
    },
    rejects: () => Promise.reject(new Error('no stock')),
  };

  test.each(Object.entries(ways))(
    'R2: has one ended span with the error for each try, when it %s, and then the dead letter',
    async (_, handler) => {
      const shop = await open(handler, { retry: { ...steady, maxAttempts: 3 } });
      using traces = shop.traces;
      await shop.send({ id: 'A-1' }, { key: 'ada', headers: { 'x-shop': 'north' } });
      await shop.clock.advance(1000);
      expect(processed(traces)).toEqual([
        [1, 'retry', 'Error'],
        [2, 'retry', 'Error'],
        [3, 'dead_letter', 'Error'],
      ]);
      expect(shop.subscription.stats).toMatchObject({ received: 3, handled: 0, failed: 3, retried: 2, deadLettered: 1, inFlight: 0 });
      const [dead, ...others] = await shop.read('orders.dead');
      expect(others).toEqual([]);
      expect(dead).toMatchObject({ id: 'm-1', key: 'ada', body: utf8('{"id":"A-1"}') });
      expect(dead?.headers).toMatchObject({
        'x-shop': 'north',
        'tracewright-dead-letter-reason': 'Error',
        'tracewright-dead-letter-message': 'no stock',
        'tracewright-dead-letter-attempts': '3',
        'tracewright-dead-letter-origin': 'orders',
        'tracewright-dead-letter-group': 'fp/shop',
        'tracewright-dead-letter-time': expect.stringMatching(/^2026-01-01T00:00:0\d\.\d{3}Z$/) as string,
      });
      await shop.stop();
      expect(traces.open).toEqual([]);
    },
  );

  test('R2: a thousand messages that fail leave no span open', async () => {
    const shop = await open(() => Promise.reject(new Error('no stock')), {
      retry: { maxAttempts: 1 },
      deadLetter: 'drop',
      concurrency: 10,
    });
    using traces = shop.traces;
    for (let index = 0; index < 1000; index += 1) await shop.send({ id: `A-${index}` });
    expect(shop.subscription.stats).toMatchObject({ failed: 1000, dropped: 1000, inFlight: 0 });
    expect(traces.open).toEqual([]);
    await shop.stop();
  });

  test('R2: one that hangs is ended by its time-out, and the message comes again', async () => {
    const shop = await open(({ attempt }) => (attempt === 1 ? hang() : undefined), { timeoutMs: 500, retry: steady });
    using traces = shop.traces;
    await shop.send({ id: 'A-1' });
    await shop.clock.advance(1000);
    expect(processed(traces)).toEqual([
      [1, 'retry', 'TW_TIMEOUT'],
      [2, 'ack', undefined],
    ]);
    await shop.stop();
  });

  test.each([
    ['a mistake in the program', new TypeError('x is not a function')],
    ['what says that it will not pass', Object.assign(new Error('gone'), { retryable: false })],
  ])('is not tried again after %s', async (_, error) => {
    const shop = await open(() => Promise.reject(error));
    using traces = shop.traces;
    await shop.send({ id: 'A-1' });
    expect(processed(traces)).toEqual([[1, 'dead_letter', error.name]]);
    await shop.stop();
  });

  test('is tried again after a refusal of ours that passes', async () => {
    const away = new TracewrightError('TW_TRANSPORT', 'the broker is away');
    const shop = await open(({ attempt }) => (attempt === 1 ? Promise.reject(away) : undefined), { retry: steady });
    using traces = shop.traces;
    await shop.send({ id: 'A-1' });
    await shop.clock.advance(1000);
    expect(processed(traces)).toEqual([
      [1, 'retry', 'TW_TRANSPORT'],
      [2, 'ack', undefined],
    ]);
    await shop.stop();
  });
});

test.each([
  ['is no JSON', '{"id": nobody@example.com', 'decode'],
  ['does not fit the schema', '{"id": 1, "price": "nobody@example.com"}', 'schema'],
])('G7: a message that %s goes to the dead letter at once, unread, and nothing of it onto a span', async (_, body) => {
  const handled: unknown[] = [];
  const shop = await open((message) => handled.push(message));
  using traces = shop.traces;
  await shop.send(body);
  expect(handled).toEqual([]);
  expect(processed(traces)).toEqual([[1, 'dead_letter', 'TW_BAD_PAYLOAD']]);
  expect(inspect(traces.spans, { depth: 9 })).not.toContain('nobody');
  const [dead] = await shop.read('orders.dead');
  expect(dead?.body).toEqual(utf8(body));
  expect(dead?.headers['tracewright-dead-letter-message']).toContain('a payload of orders');
  await shop.stop();
});

describe('order', () => {
  /** Who was handled, in order; ada's first order fails once. */
  async function handledIn(options: SubscribeOptions, keyed: boolean): Promise<readonly string[]> {
    const handled: string[] = [];
    const shop = await open(
      ({ payload, attempt }) => {
        if (payload.id === 'ada-1' && attempt === 1) throw new Error('not yet');
        handled.push(payload.id);
      },
      { retry: steady, ...options },
    );
    using _traces = shop.traces;
    for (const id of ['ada-1', 'ada-2', 'bob-1', 'ada-3']) await shop.send({ id }, keyed ? { key: id.slice(0, 3) } : {});
    await shop.clock.advance(1000);
    await shop.stop();
    return handled;
  }

  test('by key, messages of one key keep their order through tries, and hold up no other', async () => {
    await expect(handledIn({ concurrency: 4 }, true)).resolves.toEqual(['bob-1', 'ada-1', 'ada-2', 'ada-3']);
  });

  test('of all, one message holds up the others', async () => {
    await expect(handledIn({ concurrency: 4, order: 'all' }, false)).resolves.toEqual(['ada-1', 'ada-2', 'bob-1', 'ada-3']);
  });
});

test('no more messages are handled at once than asked for, and no more are taken than are held', async () => {
  let running = 0;
  let most = 0;
  const ends: (() => void)[] = [];
  const shop = await open(
    async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => ends.push(resolve));
      running -= 1;
    },
    { concurrency: 2, prefetch: 3 },
  );
  using _traces = shop.traces;
  for (let index = 0; index < 6; index += 1) await shop.send({ id: `A-${index}` });
  expect(shop.subscription.stats).toMatchObject({ received: 3, inFlight: 2 });
  for (let index = 0; index < 6; index += 1) {
    ends[index]?.();
    await shop.clock.advance(0);
  }
  expect(shop.subscription.stats).toMatchObject({ received: 6, handled: 6, inFlight: 0 });
  expect(most).toBe(2);
  await shop.stop();
});

test('a subscription that is paused takes nothing until it is resumed', async () => {
  const handled: string[] = [];
  const shop = await open(({ payload }) => handled.push(payload.id));
  using _traces = shop.traces;
  await shop.send({ id: 'A-1' });
  shop.subscription.pause();
  for (const id of ['A-2', 'A-3', 'A-4']) await shop.send({ id });
  expect(handled).toEqual(['A-1']);
  shop.subscription.resume();
  await shop.clock.advance(0);
  expect(handled).toEqual(['A-1', 'A-2', 'A-3', 'A-4']);
  await shop.stop();
});

test('G11: a stop ends what is in work and gives back what waits', async () => {
  let end: () => void = () => undefined;
  const shop = await open(() => new Promise<void>((resolve) => (end = resolve)), { prefetch: 5 });
  using traces = shop.traces;
  for (const id of ['A-1', 'A-2', 'A-3']) await shop.send({ id });
  const stopped = shop.stop();
  await shop.clock.advance(10);
  end();
  await shop.clock.advance(10);
  await stopped;
  expect(processed(traces)).toEqual([[1, 'ack', undefined]]);
  expect(shop.subscription.stats).toMatchObject({ handled: 1, inFlight: 0 });
  expect(shop.clock.pending).toBe(0);
});

test('G11: what is in work when the component is terminated goes back to the broker', async () => {
  const shop = await open(
    (_message, scope) =>
      new Promise((_, reject) => scope.signal.addEventListener('abort', () => reject(scope.signal.reason), { once: true })),
  );
  using traces = shop.traces;
  await shop.send({ id: 'A-1' });
  await shop.terminate();
  expect(processed(traces)).toEqual([[1, 'retry', 'TW_CANCELLED']]);
  expect(traces.open).toEqual([]);
});

test('G3: messages that join go on in the trace of their sender', async () => {
  const shop = await open(() => undefined, { delivery: 'join' });
  using traces = shop.traces;
  await shop.send({ id: 'A-1' }, { headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } });
  expect(traces.find('process orders')).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c', parentSpanId: 'b7ad6b7169203331' });
  traces.expectProblems();
  await shop.stop();
});

test('no more messages begin within a second than asked for', async () => {
  const begun: number[] = [];
  const shop = await open((_message, { clock }) => begun.push(clock.monotonic()), { perSecond: 2, concurrency: 10 });
  using _traces = shop.traces;
  const start = shop.clock.monotonic();
  for (const id of ['A-1', 'A-2', 'A-3', 'A-4', 'A-5']) await shop.send({ id });
  await shop.clock.advance(3000);
  expect(begun.map((at) => at - start)).toEqual([0, 0, 1000, 1000, 2000]);
  await shop.stop();
  expect(shop.clock.pending).toBe(0);
});

describe('messages that were handled before', () => {
  test('are acknowledged, and their handler is not called', async () => {
    const handled = new Set<string>();
    const calls: string[] = [];
    const shop = await open(({ payload }) => calls.push(payload.id), {
      seen: { has: (id) => handled.has(id), add: (id) => handled.add(id) },
    });
    using traces = shop.traces;
    await shop.send({ id: 'A-1' }, { id: 'same' });
    await shop.send({ id: 'A-1' }, { id: 'same' });
    expect(calls).toEqual(['A-1']);
    expect(processed(traces)).toEqual([
      [1, 'ack', undefined],
      [1, 'ack', undefined],
    ]);
    expect(traces.spans.map(({ attributes }) => attributes['tracewright.duplicate'])).toEqual([undefined, undefined, undefined, true]);
    await shop.stop();
  });

  test('are handled again where nobody can say so, and tried again where nobody could be told', async () => {
    const calls: number[] = [];
    let tellings = 0;
    const seen = {
      has: () => Promise.reject(new Error('table locked')),
      add: () => ((tellings += 1) === 1 ? Promise.reject(new Error('table locked')) : undefined),
    };
    const shop = await open(({ attempt }) => calls.push(attempt), { seen, retry: steady });
    using traces = shop.traces;
    await shop.send({ id: 'A-1' });
    await shop.clock.advance(1000);
    expect(calls).toEqual([1, 2]);
    expect(processed(traces)).toEqual([
      [1, 'retry', 'Error'],
      [2, 'ack', undefined],
    ]);
    await shop.stop();
  });
});

test('a message that takes longer than the broker waits is handled once, and so are those that wait behind it', async () => {
  const handled: string[] = [];
  const shop = await open(
    async ({ payload }, { clock }) => {
      await clock.sleep(10_000);
      handled.push(payload.id);
    },
    { order: 'all', prefetch: 3 },
  );
  using traces = shop.traces;
  for (const id of ['A-1', 'A-2', 'A-3']) await shop.send({ id });
  await shop.clock.advance(40_000);
  expect(handled).toEqual(['A-1', 'A-2', 'A-3']);
  expect(processed(traces)).toEqual(Array.from({ length: 3 }, () => [1, 'ack', undefined]));
  await shop.stop();
});
