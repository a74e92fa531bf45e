import { expect, test } from 'vitest';
import { replicaKit, shop, till } from './replica.test-kit.ts';

test('what was removed and sent again runs, and can be removed again', async () => {
  using on = await replicaKit();
  await on.order(shop(1, till({ endMs: 100 })), 'm1');
  await on.pass(50);
  await on.order('remove: shop', 'm2');
  await on.order(shop(1, till()), 'm3');
  await on.pass(1000);
  expect(on.heard()).toEqual(['joined', 'accepted 1 m1', 'ready 1 m1', 'accepted shop m2', 'accepted 1 m3', 'stopped 1 m2', 'ready 1 m3']);
  expect([...on.member.deployments().keys()]).toEqual(['shop']);
  await on.order('remove: shop', 'm4');
  await on.pass(500);
  expect(on.heard()).toEqual(['accepted shop m4', 'stopped 1 m4']);
  expect(on.member.deployments().size).toBe(0);
  await on.stop();
});

test('the same order again, while what it brings is only starting, is answered as accepted', async () => {
  using on = await replicaKit();
  const given = shop(1, till({ startMs: 5000, fails: true }));
  await on.order(given, 'm1');
  await on.pass(50);
  await on.order(given, 'again');
  await on.pass(50);
  expect(on.heard()).toEqual(['joined', 'accepted 1 m1', 'accepted 1 again']);
  await on.pass(6000);
  expect(on.heard()).toEqual(['component_failed 1 m1', 'failed 1 m1']);
  await on.stop();
});

test('an order that is taken while what ran is ending begins anew when that has ended', async () => {
  using on = await replicaKit();
  await on.order(shop(1, till({ endMs: 3000 })), 'm1');
  await on.pass(50);
  expect(() => on.tills[0]?.fatal(new Error('robbed'))).toThrow();
  await on.pass(100);
  await on.order(shop(2, till()), 'm2');
  await on.pass(5000);
  expect(on.heard()).toEqual([
    'joined',
    'accepted 1 m1',
    'ready 1 m1',
    'component_failed 1 m1',
    'accepted 2 m2',
    'failed 1 m1',
    'ready 2 m2',
  ]);
  await on.stop();
});

test('what is removed while it is starting is ended at once', async () => {
  using on = await replicaKit();
  await on.order(shop(1, till({ startMs: 1e9 })), 'm1');
  await on.pass(50);
  await on.order('remove: shop', 'm2');
  await on.pass(40_000);
  expect(on.heard()).toEqual(['joined', 'accepted 1 m1', 'accepted shop m2', 'stopped 1 m2']);
  await on.order('remove: shop', 'again');
  await on.pass(50);
  expect(on.heard()).toEqual(['stopped shop again']);
  expect(on.broker.sent('tracewright.control.dead')).toEqual([]);
  await on.stop();
});

test.each(['remove: "shop"', "remove: 'shop'", 'remove: shop # please', '---\nremove: shop', '{ "remove": "shop" }'])(
  '%j removes',
  async (text) => {
    using on = await replicaKit();
    await on.order(shop(1, till()), 'm1');
    await on.pass(50);
    await on.order(text, 'm2');
    await on.pass(50);
    expect(on.heard().slice(-2)).toEqual(['accepted shop m2', 'stopped 1 m2']);
    await on.stop();
  },
);

test('where all components fail, the footprint has failed, also where the policy is best effort', async () => {
  using on = await replicaKit({ policy: 'best-effort' });
  await on.order(shop(1, till({ fails: true })), 'm1');
  await on.pass(3000);
  expect(on.heard()).toEqual(['joined', 'accepted 1 m1', 'component_failed 1 m1', 'failed 1 m1']);
  await on.stop();
});

test('a component that had failed already does not keep a further revision from being applied', async () => {
  using on = await replicaKit({ policy: 'best-effort' });
  const broken = till({ fails: true });
  await on.order(shop(1, { component: 'cook' }, broken), 'm1');
  await on.pass(50);
  await on.order(shop(2, { component: 'cook' }, broken, { component: 'cook', instance: 'second' }), 'm2');
  await on.pass(500);
  expect(on.heard().at(-1)).toBe('ready 2 m2');
  expect(
    on
      .statuses()
      .at(-1)
      ?.components?.map(({ instance, state }) => [instance, state]),
  ).toEqual([
    ['cook', 'ready'],
    ['till', 'failed'],
    ['second', 'ready'],
  ]);
  await on.stop();
});

test('a stop in the midst of an order is told of, and then the end', async () => {
  using on = await replicaKit();
  await on.order(shop(1, till()), 'm1');
  await on.pass(50);
  await on.order(shop(2, till({ startMs: 1000 })), 'm2');
  await on.pass(50);
  const stopped = on.member.stop();
  await on.pass(40_000);
  await stopped;
  expect(on.heard()).toEqual(['joined', 'accepted 1 m1', 'ready 1 m1', 'accepted 2 m2', 'failed 2 m2', 'stopped 1 m1', 'left']);
  expect(on.traces.open).toEqual([]);
});

test.each([
  ['terminated', (on: Awaited<ReturnType<typeof replicaKit>>) => on.member.lifecycle.terminate(), 'failed 1 m1'],
  ['closed with its runtime', (on: Awaited<ReturnType<typeof replicaKit>>) => void on.runtime.close(), 'stopped 1 m1'],
])('a replica that is %s tells what it could not tell before it leaves', async (_, end, last) => {
  using on = await replicaKit();
  await on.order(shop(1, till()), 'm1');
  await on.pass(50);
  end(on);
  await on.pass(20_000);
  await on.member.done;
  expect(on.heard()).toEqual(['joined', 'accepted 1 m1', 'ready 1 m1', last, 'left']);
});
