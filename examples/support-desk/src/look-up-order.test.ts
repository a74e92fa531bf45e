import { type Runtime, user } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { type LookUpOrder, orderLookUp } from './look-up-order.ts';
import { type OrderSystem, scriptedOrders } from './orders.ts';

/** Looks an order up as a user; the text of an answer or an error. */
function asUser(runtime: Runtime, lookUp: LookUpOrder): (name: string, order: string) => Promise<string> {
  return (name, order) =>
    runtime
      .run('ask', (scope) => lookUp.in(scope, order), { as: user(name) })
      .then(
        ({ state }) => state,
        (error: unknown) => String(error),
      );
}

test('an order is asked for once, and who asks later gets the same answer, under another name too', async () => {
  using traces = recordTraces({ clock: fakeClock() });
  const runtime = traces.runtime();
  const asked: string[] = [];
  const orders: OrderSystem = {
    find: (order) => Promise.resolve(asked.push(order)).then(() => ({ order, state: 'has left our warehouse' })),
  };
  const ask = asUser(runtime, orderLookUp(runtime, orders));
  expect([await ask('ada', 'A-17'), await ask('bob', 'A-17'), asked]).toEqual([
    'has left our warehouse',
    'has left our warehouse',
    ['A-17'],
  ]);
  const lookUps = traces.spans.filter(({ name }) => name === 'look up order');
  expect(lookUps.map(({ attributes }) => [attributes['tracewright.cache'], attributes['caller.id']])).toEqual([
    ['miss', 'ada'],
    ['hit', 'bob'],
  ]);
});

test('who asks for the same order at the same time waits for the same answer', async () => {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  const runtime = traces.runtime();
  const ask = asUser(runtime, orderLookUp(runtime, scriptedOrders()));
  const answers = Promise.all([ask('ada', 'S-8'), ask('bob', 'S-8')]);
  await clock.advance(50);
  await clock.advance(10);
  expect(await answers).toEqual(['has left our warehouse', 'has left our warehouse']);
  const lookUps = traces.spans.filter(({ name }) => name === 'look up order');
  expect(lookUps.map(({ attributes }) => attributes['tracewright.cache'])).toEqual(['miss', 'shared']);
});

test('a try that takes too long is ended, and the next one is answered', async () => {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  const runtime = traces.runtime();
  const ask = asUser(runtime, orderLookUp(runtime, scriptedOrders()));
  const answer = ask('ada', 'S-8');
  await clock.advance(50);
  await clock.advance(10);
  expect(await answer).toBe('has left our warehouse');
  expect(traces.render({ attributes: ['tracewright.attempts', 'tracewright.attempt'] })).toMatchInlineSnapshot(`
    "ask  user ada
    └─ look up order  CLIENT
       │  tracewright.attempts = 2
       ├─ attempt  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout
       │     tracewright.attempt = 1
       │     ✗ TW_TIMEOUT: look up order took longer than 50 ms
       └─ attempt
             tracewright.attempt = 2"
  `);
  expect(clock.pending).toBe(0);
});

test('a second question waits for its turn, and says for how long', async () => {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  const runtime = traces.runtime();
  const ask = asUser(runtime, orderLookUp(runtime, scriptedOrders()));
  const answers = Promise.all([ask('ada', 'S-8'), ask('bob', 'A-21')]);
  await clock.advance(50);
  expect(traces.open.map(({ attributes }) => attributes['caller.id'])).toContain('bob');
  await clock.advance(10);
  await answers;
  const waited = traces.spans
    .filter(({ name }) => name === 'look up order')
    .map(({ attributes }) => attributes['tracewright.limit.wait_time']);
  const [first, second] = waited;
  expect(first).toBeUndefined();
  // The time of the first try, and the wait before the second, which is drawn by chance.
  expect(second).toBeGreaterThanOrEqual(0.05);
  expect(second).toBeLessThanOrEqual(0.06);
});

test('an order system that is down is asked once, and its error comes back as it is', async () => {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  const runtime = traces.runtime();
  const ask = asUser(runtime, orderLookUp(runtime, scriptedOrders()));
  expect(await ask('cyd', 'X-4')).toBe('OrderSystemDown: the order system did not answer');
  expect(traces.find('look up order').attributes).toMatchObject({ 'tracewright.attempts': 1, 'error.type': 'OrderSystemDown' });
  expect(clock.pending).toBe(0);
});

test('an order system that never answers is given up after three tries', async () => {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  const runtime = traces.runtime();
  const orders: OrderSystem = {
    find: (_order, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  };
  const answer = asUser(runtime, orderLookUp(runtime, orders))('ada', 'A-17');
  for (let step = 0; step < 6; step += 1) await clock.advance(50);
  expect(await answer).toBe('TracewrightError: look up order took longer than 50 ms');
  expect(traces.spans.filter(({ name }) => name === 'attempt')).toHaveLength(3);
});
