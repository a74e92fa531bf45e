import { defineComponent, deploy, type Delivery, type SubscribeOptions, type Transport } from 'tracewright/component';
import { fakeClock, recordTraces, testTransport } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

const order = z.object({ id: z.string() });

/** A shop whose handler does what the test says for each order. */
async function open(
  handle: (id: string, signal: AbortSignal) => unknown,
  options: SubscribeOptions,
  wrap: (own: Transport) => Transport = (own) => own,
) {
  const traces = recordTraces();
  const clock = fakeClock();
  const broker = testTransport({ clock });
  const begun: string[] = [];
  const shop = defineComponent({
    name: 'shop',
    interests: { orders: order },
    bootstrap(_l, link) {
      link.subscribe(
        'orders',
        ({ payload }, { signal }) => {
          begun.push(payload.id);
          return handle(payload.id, signal);
        },
        options,
      );
    },
  });
  const footprint = { identifier: 'f', revision: 1, allocations: [{ component: 'shop' }] };
  const deployment = await deploy(footprint, { runtime: traces.runtime({ clock }), components: [shop], transport: wrap(broker) });
  await deployment.ready;
  const send = (id: string, key?: string): Promise<string> => broker.send('orders', { id }, key === undefined ? { id } : { id, key });
  return { traces, clock, broker, begun, deployment, send, [Symbol.dispose]: () => traces[Symbol.dispose]() };
}

const hang = (_: string, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

test('a broker that gives fewer messages than it is asked for is asked again at once', async () => {
  const asked: number[] = [];
  /** One message for each question, as of a request that still stands for the others. */
  const oneByOne = (own: Transport): Transport => ({
    ...own,
    connect: async (options) => {
      const connection = await own.connect(options);
      return {
        publish: (...given) => connection.publish(...given),
        close: () => connection.close(),
        subscribe: async (...given) => {
          const source = await connection.subscribe(...given);
          return {
            close: () => source.close(),
            receive: (max, signal): Promise<readonly Delivery[]> => {
              asked.push(max);
              return source.receive(1, signal);
            },
          };
        },
      };
    },
  });
  using on = await open(hang, { concurrency: 2, prefetch: 8 }, oneByOne);
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']) await on.send(id);
  await on.clock.advance(10);
  expect(asked).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  on.deployment.lifecycle.terminate();
  await on.clock.advance(2000);
  await on.deployment.done;
});

test('a key whose messages fill what may be held does not keep others from places that are free', async () => {
  using on = await open((id, signal) => (id.startsWith('hot') ? hang(id, signal) : undefined), { concurrency: 4, prefetch: 8 });
  for (let n = 1; n <= 7; n += 1) await on.send(`hot ${n}`, 'hot');
  for (let n = 1; n <= 6; n += 1) await on.send(`cold ${n}`, `cold ${n}`);
  await on.clock.advance(100);
  expect(on.begun).toEqual(['hot 1', 'cold 1', 'cold 2', 'cold 3', 'cold 4', 'cold 5', 'cold 6']);
  on.deployment.lifecycle.terminate();
  await on.clock.advance(2000);
  await on.deployment.done;
});

test('messages that wait to be tried again hold up those of their keys, and no others', async () => {
  const failing = new Set(['bad 1', 'bad 2']);
  /** A broker that holds nothing back. */
  const plain = (own: Transport): Transport => ({ ...own, capabilities: { ...own.capabilities, delayedRetry: false } });
  using on = await open(
    (id) => {
      if (failing.has(id)) throw new Error('not now');
    },
    { concurrency: 1, prefetch: 2, retry: { delayMs: 3_000_000, maxDelayMs: 3_000_000 } },
    plain,
  );
  for (const id of ['bad 1', 'bad 2']) await on.send(id, id);
  await on.send('good', 'good');
  await on.send('behind', 'bad 1');
  await on.clock.advance(20);
  expect(on.begun.slice(0, 3)).toEqual(['bad 1', 'bad 2', 'good']);
  failing.clear();
  await on.clock.advance(6_000_000);
  expect(on.begun.filter((id) => id === 'bad 1' || id === 'behind')).toEqual(['bad 1', 'bad 1', 'behind']);
  await on.deployment.stop();
  expect(on.traces.open).toEqual([]);
});
