import { defineComponent, deploy } from 'tracewright/component';
import { fakeClock, recordTraces, testTransport, transportContract } from 'tracewright/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const till = defineComponent({
  name: 'till',
  interests: { orders: z.object({ id: z.string() }) },
  aspects: { receipts: z.object({ order: z.string() }) },
  bootstrap(_l, link) {
    link.subscribe('orders', async ({ payload, attempt }) => {
      if (attempt === 1 && payload.id === 'unlucky') throw new Error('once');
      await link.publish('receipts', { order: payload.id }, { key: payload.id });
    });
  },
});

async function stage() {
  const traces = recordTraces();
  const clock = fakeClock();
  const broker = testTransport({ clock });
  const footprint = { identifier: 'shop', revision: 1, allocations: [{ component: 'till' }] };
  const deployment = await deploy(footprint, { runtime: traces.runtime({ clock }), components: [till], transport: broker });
  await deployment.ready;
  return { traces, clock, broker, deployment, [Symbol.dispose]: () => traces[Symbol.dispose]() };
}

test('a test sends what a component handles, and sees what it publishes and settles', async () => {
  using on = await stage();
  const id = await on.broker.send('orders', { id: 'A-1' });
  await on.broker.send('orders', { id: 'unlucky' }, { id: 'm-2', key: 'ada', headers: { 'x-shop': 'north' } });
  await on.clock.advance(2000);
  expect(on.broker.sent('receipts').map(({ payload, key, headers }) => [payload, key, headers['content-type']])).toEqual([
    [{ order: 'A-1' }, 'A-1', 'application/json'],
    [{ order: 'unlucky' }, 'unlucky', 'application/json'],
  ]);
  expect(on.broker.settled('orders')).toEqual([
    { destination: 'orders', group: 'shop/till', id, attempt: 1, settlement: 'ack' },
    { destination: 'orders', group: 'shop/till', id: 'm-2', attempt: 1, settlement: 'retry', delayMs: expect.any(Number) as number },
    { destination: 'orders', group: 'shop/till', id: 'm-2', attempt: 2, settlement: 'ack' },
  ]);
  expect(
    on.broker
      .sent()
      .map(({ destination }) => destination)
      .toSorted((one, other) => one.localeCompare(other)),
  ).toEqual(['orders', 'orders', 'receipts', 'receipts']);
  await on.deployment.stop();
});

test('bytes and texts are sent as they are, and what is no JSON has no payload', async () => {
  using on = await stage();
  await on.broker.send('orders', 'no JSON');
  await on.broker.send('elsewhere', Uint8Array.of(1, 2));
  await on.clock.advance(10);
  expect(on.broker.sent('orders.dead').map(({ body }) => new TextDecoder().decode(body))).toEqual(['no JSON']);
  expect(on.broker.sent('elsewhere')[0]?.body).toEqual(Uint8Array.of(1, 2));
  expect(() => on.broker.sent('orders')[0]?.payload).toThrow(SyntaxError);
  await on.deployment.stop();
});

test('a broker that is interrupted takes nothing, and nothing is lost by that', async () => {
  using on = await stage();
  const restore = on.broker.interrupt();
  await expect(on.broker.send('orders', { id: 'A-1' })).rejects.toMatchObject({ code: 'TW_TRANSPORT' });
  restore();
  await on.broker.send('orders', { id: 'A-2' });
  const again = on.broker.interrupt();
  await on.clock.advance(5000);
  expect(on.broker.sent('receipts')).toEqual([]);
  again();
  await on.clock.advance(120_000);
  expect(on.broker.sent('receipts').map(({ payload }) => payload)).toEqual([{ order: 'A-2' }]);
  await on.deployment.stop();
});

describe('it keeps what every transport has to', () => {
  const setUp = () => {
    const clock = fakeClock();
    let destinations = 0;
    return Promise.resolve({
      transport: testTransport({ clock, ackTimeoutMs: 1000 }),
      destination: () => `destination-${(destinations += 1)}`,
      advance: (ms: number) => clock.advance(ms),
      dispose: () => Promise.resolve(),
    });
  };
  const { capabilities } = testTransport();
  for (const { title, run } of transportContract(setUp, { capabilities, redeliveryMs: 1000 })) test(title, run);
});
