import { TracewrightError } from 'tracewright';
import { defineComponent, deploy, type OutgoingMessage, type Transport } from 'tracewright/component';
import { fakeClock, recordTraces, testTransport } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

const order = z.object({ id: z.string() });

/** A shop whose handler always fails, and whose dead letter takes what `judge` lets pass. */
async function open(judge: (message: OutgoingMessage) => void, batch?: { readonly size: number; readonly waitMs: number }) {
  const traces = recordTraces();
  const clock = fakeClock();
  const broker = testTransport({ clock });
  let calls = 0;
  const fail = (): never => {
    calls += 1;
    throw new Error('no money');
  };
  const shop = defineComponent({
    name: 'shop',
    interests: { orders: order },
    bootstrap(_l, link) {
      const retry = { maxAttempts: 2, delayMs: 10, maxDelayMs: 10 };
      if (batch === undefined) link.subscribe('orders', fail, { retry });
      else link.subscribe('orders', (_messages) => fail(), { retry, batch });
    },
  });
  const transport: Transport = {
    ...broker,
    connect: async (options) => {
      const connection = await broker.connect(options);
      return {
        subscribe: (...given) => connection.subscribe(...given),
        close: () => connection.close(),
        publish: async (destination, message, signal) => {
          if (destination.endsWith('.dead')) judge(message);
          await connection.publish(destination, message, signal);
        },
      };
    },
  };
  const footprint = { identifier: 'f', revision: 1, allocations: [{ component: 'shop' }] };
  const deployment = await deploy(footprint, { runtime: traces.runtime({ clock }), components: [shop], transport });
  await deployment.ready;
  return { traces, clock, broker, deployment, calls: () => calls, [Symbol.dispose]: () => traces[Symbol.dispose]() };
}

test.each([
  ['one by one', undefined],
  ['in batches', { size: 3, waitMs: 5 }],
])('what was given up is handled no more, %s, however long the dead letter cannot be reached', async (_, batch) => {
  let isAway = true;
  using on = await open(() => {
    if (isAway) throw new TracewrightError('TW_TRANSPORT', 'no stream', { data: {} });
  }, batch);
  await on.broker.send('orders', { id: 'A-1' });
  await on.clock.advance(5000);
  expect(on.calls()).toBe(2);
  expect(on.broker.settled('orders')).not.toContainEqual(expect.objectContaining({ settlement: 'ack' }));
  isAway = false;
  await on.clock.advance(5000);
  expect(on.calls()).toBe(2);
  expect(
    on.broker
      .sent('orders.dead')
      .map(({ headers }) => [headers['tracewright-dead-letter-reason'], headers['tracewright-dead-letter-attempts']]),
  ).toEqual([['Error', '2']]);
  expect(on.broker.settled('orders').at(-1)).toMatchObject({ settlement: 'ack' });
  await on.deployment.stop();
});

test('what the broker refuses as too large goes without headers of its publisher and text of the error', async () => {
  using on = await open((message) => {
    if ('x-trail' in message.headers) throw new TracewrightError('TW_TRANSPORT', 'too large', { data: { isTooLarge: true } });
  });
  await on.broker.send(
    'orders',
    { id: 'A-1' },
    { id: 'm-1', headers: { 'x-trail': 'x'.repeat(1000), 'content-type': 'application/json' } },
  );
  await on.clock.advance(1000);
  const [dead] = on.broker.sent('orders.dead');
  expect(dead?.payload).toEqual({ id: 'A-1' });
  expect(dead?.headers).toMatchObject({
    'content-type': 'application/json',
    'tracewright-dead-letter-reason': 'Error',
    'tracewright-dead-letter-origin': 'orders',
    'tracewright-dead-letter-cut': 'TW_TRANSPORT',
  });
  expect(dead?.headers).not.toHaveProperty('x-trail');
  expect(dead?.headers).not.toHaveProperty('tracewright-dead-letter-message');
  await on.deployment.stop();
});
