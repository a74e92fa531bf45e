import { inspect } from 'node:util';
import type { Transport } from 'tracewright/component';
import { expect, test } from 'vitest';
import { replicaKit, shop, till } from './replica.test-kit.ts';

/** A broker that takes its time with statuses. */
const slowly =
  (publish: () => Promise<void>) =>
  (transport: Transport): Transport => ({
    ...transport,
    connect: async (options) => {
      const connection = await transport.connect(options);
      return {
        subscribe: (destination, given) => connection.subscribe(destination, given),
        close: () => connection.close(),
        publish: async (destination, message, signal) => {
          if (destination === 'tracewright.status') await publish();
          await connection.publish(destination, message, signal);
        },
      };
    },
  });

test('a component that fails is told of in the name of the replica, also by a slow broker, and the span of that ends', async () => {
  let pass: (ms: number) => Promise<void> = () => Promise.resolve();
  using on = await replicaKit(
    { policy: 'best-effort' },
    slowly(() => pass(20)),
  );
  pass = (ms) => on.clock.sleep(ms);
  await on.order(shop(1, till(), { component: 'cook' }), 'm1');
  await on.pass(200);
  expect(() => on.tills[0]?.fatal(new Error('robbed'))).toThrow();
  await on.pass(200);
  expect(on.heard().at(-1)).toBe('component_failed 1 m1');
  const sent = on.traces.spans.filter(({ name }) => name === 'send tracewright.status');
  expect(
    new Set(
      sent.map(({ attributes }) => [attributes['component.name'], attributes['footprint.identifier'], attributes['error.type']].join(' ')),
    ),
  ).toEqual(new Set(['control set ']));
  await on.stop();
});

test('two components that fail with one error are told of, each', async () => {
  using on = await replicaKit({ policy: 'best-effort' });
  await on.order(shop(1, { ...till(), instance: 'a' }, { ...till(), instance: 'b' }, { component: 'cook' }), 'm1');
  await on.pass(50);
  const shared = new Error('the pool is gone');
  for (const lifecycle of on.tills) expect(() => lifecycle.fatal(shared)).toThrow();
  await on.pass(100);
  expect(on.statuses().flatMap(({ error }) => (error === undefined ? [] : [error.message]))).toEqual([
    'a: the pool is gone',
    'b: the pool is gone',
  ]);
  await on.stop();
});

test('a component that is tried out in vain is told of by its revision and its order', async () => {
  using on = await replicaKit();
  await on.order(shop(1, till()), 'm1');
  await on.pass(50);
  await on.order(shop(2, till({ fails: true })), 'm2');
  await on.pass(500);
  expect(on.heard()).toEqual(['joined', 'accepted 1 m1', 'ready 1 m1', 'accepted 2 m2', 'component_failed 2 m2', 'rolled_back 2 m2']);
  await on.stop();
});

test('where nobody can be told, orders are carried out all the same', async () => {
  using on = await replicaKit(
    {},
    slowly(() => new Promise(() => undefined)),
  );
  on.traces.expectProblems();
  await on.order(shop(1, till()), 'm1');
  await on.pass(60_000);
  expect(on.member.deployments().get('shop')?.status()).toMatchObject([{ instance: 'till', state: 'ready' }]);
  const stopped = on.member.stop();
  await on.pass(120_000);
  await stopped;
});

test('G7: what an order says is on no span, also where it is wrong', async () => {
  using on = await replicaKit();
  const canary = 'CANARY-s3cr3t';
  const wrong = [
    `identifier: shop\nrevision: ${canary}`,
    canary,
    shop(1, { component: 'till', options: { startMs: canary } }),
    shop(1, { component: 'till', options: { [canary]: 1 } }),
    shop(1, { component: 'till', bindings: { [canary]: 'x' } }),
    { identifier: 'shop', revision: 1, [canary]: 1, allocations: [{ component: 'till' }] },
    `remove: ${canary}`,
    `{"identifier": "shop", "x": ${canary}`,
  ];
  for (const [index, order] of wrong.entries()) await on.order(order, `m${index}`);
  await on.pass(1000);
  expect(on.heard().filter((line) => line.startsWith('refused'))).toHaveLength(wrong.length - 1);
  expect(inspect(on.traces.spans, { depth: 9 })).not.toContain(canary);
  await on.stop();
});

test('a long order that is no order does not hold the process up', async () => {
  using on = await replicaKit();
  await on.order(`remove: a${' '.repeat(200_000)}#`, 'm1');
  await on.order(shop(1, till()), 'm2');
  await on.pass(100);
  expect(on.heard().at(-1)).toBe('ready 1 m2');
  await on.stop();
});
