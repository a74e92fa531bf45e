import { retry } from 'tracewright';
import { defineComponent, deploy, type FailedMessage, type Message } from 'tracewright/component';
import { fakeClock, recordTraces, testTransport } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

type Order = { readonly n: number };

async function open(
  handle: (messages: readonly Message<Order>[]) => readonly FailedMessage<Order>[],
  interceptors: Parameters<typeof retry>[0][] = [],
) {
  const traces = recordTraces();
  const clock = fakeClock();
  const broker = testTransport({ clock });
  const shop = defineComponent({
    name: 'shop',
    interests: { orders: z.object({ n: z.number() }) },
    bootstrap: (_l, link) =>
      void link.subscribe('orders', (messages) => handle(messages), {
        batch: { size: 2, waitMs: 10 },
        retry: { maxAttempts: 1 },
        interceptors: interceptors.map((options) => retry(options)),
      }),
  });
  const footprint = { identifier: 'f', revision: 1, allocations: [{ component: 'shop' }] };
  const deployment = await deploy(footprint, { runtime: traces.runtime({ clock }), components: [shop], transport: broker });
  await deployment.ready;
  return { traces, clock, broker, deployment, [Symbol.dispose]: () => traces[Symbol.dispose]() };
}

const dead = ({ broker }: Awaited<ReturnType<typeof open>>): unknown[] => broker.sent('orders.dead').map(({ payload }) => payload);

test('a copy of a message names all that have its id: nobody knows which of them has failed', async () => {
  using on = await open((messages) => messages.slice(0, 1).map((message) => ({ message: { ...message }, error: new Error('no') })));
  await on.broker.send('orders', { n: 1 }, { id: 'same' });
  await on.broker.send('orders', { n: 2 }, { id: 'same' });
  await on.clock.advance(100);
  expect(dead(on)).toEqual([{ n: 1 }, { n: 2 }]);
  await on.deployment.stop();
});

test('what failed when the handler was called before is forgotten where it is called again', async () => {
  let calls = 0;
  using on = await open(
    (messages) => {
      calls += 1;
      const [first] = messages;
      if (calls === 2 || first === undefined) return [];
      // A failure of a stranger: the call itself fails.
      return [
        { message: first, error: new Error('once') },
        { message: { ...first, id: 'stranger' }, error: new Error('who is that') },
      ];
    },
    [{ maxAttempts: 2, delayMs: 1, retryable: () => true }],
  );
  await on.broker.send('orders', { n: 1 });
  await on.broker.send('orders', { n: 2 });
  await on.clock.advance(100);
  expect([calls, dead(on)]).toEqual([2, []]);
  await on.deployment.stop();
});
