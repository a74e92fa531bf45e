import {
  defineComponent,
  deploy,
  joinReplicaSet,
  memoryTransport,
  orders,
  type ReplicaSetOptions,
  type ReplicaStatus,
  statuses,
} from 'tracewright/component';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const text = z.object({ text: z.string() });

/** A replica set, and an author who sends orders and reads statuses. */
async function stage(more: Partial<ReplicaSetOptions> = {}, replicas: readonly string[] = ['one']) {
  const traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const transport = memoryTransport({ clock });
  const told: ReplicaStatus[] = [];
  const dead: (string | undefined)[] = [];
  let send: (order: string, key: string) => Promise<void> = () => Promise.resolve();
  const author = defineComponent({
    name: 'author',
    aspects: { control: orders },
    interests: { status: statuses, dead: orders },
    bootstrap(_l, link) {
      send = (order, key) => runtime.run('order', () => link.publish('control', order, { key }));
      link.subscribe('status', ({ payload }) => void told.push(payload));
      link.subscribe('dead', ({ headers }) => void dead.push(headers['tracewright-dead-letter-reason']));
    },
  });
  const bindings = { control: 'tracewright.control', status: 'tracewright.status', dead: 'tracewright.control.dead' };
  const office = await deploy(
    { identifier: 'office', revision: 1, allocations: [{ component: 'author', bindings }] },
    { runtime, components: [author], transport },
  );
  const till = defineComponent({
    name: 'till',
    options: z.object({ currency: z.enum(['EUR', 'DKK']).default('EUR'), fails: z.boolean().default(false) }),
    interests: { orders: text },
    bootstrap(l, link, { fails }) {
      if (fails) throw new Error('no drawer');
      link.subscribe('orders', ({ payload }) => {
        if (payload.text !== 'robbery') return;
        try {
          l.fatal(new Error(payload.text));
        } catch {
          // It has failed all the same.
        }
      });
    },
  });
  const openAtStart: string[] = [];
  const cook = defineComponent({
    name: 'cook',
    interests: { dishes: text },
    bootstrap(_l, link) {
      openAtStart.push(...traces.open.map(({ name }) => name));
      link.subscribe('dishes', () => undefined);
    },
  });
  const members = await Promise.all(
    replicas.map((replica) => joinReplicaSet({ name: 'set', replica, runtime, components: [till, cook], transport, ...more })),
  );
  await Promise.all([office.ready, ...members.map(({ ready }) => ready)]);
  const order = async (given: unknown, key = 'shop'): Promise<void> => {
    await send(typeof given === 'string' ? given : JSON.stringify(given), key);
    for (let step = 0; step < 20; step += 1) await clock.advance(10);
  };
  const [member] = members;
  if (member === undefined) throw new Error('there is no replica');
  await clock.advance(10);
  return {
    traces,
    clock,
    runtime,
    transport,
    member,
    members,
    told,
    dead,
    openAtStart,
    order,
    /** What was told since the last time. */
    heard: () =>
      told
        .splice(0)
        .map(({ kind, footprint, error }) =>
          [kind, footprint?.revision ?? footprint?.identifier, error?.message].filter((part) => part !== undefined),
        ),
    stop: async () => {
      for (const { stop } of members) await stop();
      await clock.advance(10);
      await office.stop();
    },
    [Symbol.dispose]: () => traces[Symbol.dispose](),
  };
}

const shop = (revision: number, ...allocations: readonly object[]): object => ({ identifier: 'shop', revision, name: 'shop', allocations });
const till = { component: 'till' };
const cook = { component: 'cook' };

test('E2: the span of a control message has ended before anything starts of what it brings', async () => {
  using on = await stage();
  await on.order(shop(1, till, cook));
  const message = on.traces.find('process tracewright.control');
  const applied = on.traces.spans.filter(
    ({ name, attributes }) => name === 'footprint.apply' && attributes['footprint.identifier'] === 'shop',
  );
  expect(applied).toHaveLength(1);
  expect(on.openAtStart).toContain('footprint.apply');
  expect(on.openAtStart).not.toContain('process tracewright.control');
  expect(applied[0]?.links.map(({ spanId }) => spanId)).toEqual([message.spanId]);
  expect(applied[0]?.parentSpanId).toBeUndefined();
  expect(message.attributes).toMatchObject({ 'component.name': 'control', 'tracewright.settled': 'ack' });
  expect(on.traces.find('till.bootstrap').attributes).toMatchObject({
    'component.name': 'till',
    'component.path': 'set/control/shop/till',
    'footprint.identifier': 'shop',
    'footprint.revision': 1,
  });
  expect(on.traces.open).toEqual([]);
  await on.stop();
});

test('an order is accepted, carried out, and told of', async () => {
  using on = await stage();
  expect(on.heard()).toEqual([['joined']]);
  await on.order('identifier: shop\nrevision: 3\nname: shop\nallocations:\n  - component: till\n');
  expect(on.told.map(({ at, inReplyTo, ...status }) => [typeof at, typeof inReplyTo, status])).toEqual([
    ['string', 'string', { kind: 'accepted', replicaSet: 'set', replica: 'one', footprint: { identifier: 'shop', revision: 3 } }],
    [
      'string',
      'string',
      {
        kind: 'ready',
        replicaSet: 'set',
        replica: 'one',
        footprint: { identifier: 'shop', revision: 3 },
        components: [{ component: 'till', instance: 'till', revision: 3, state: 'ready' }],
      },
    ],
  ]);
  expect([...on.member.deployments().keys()]).toEqual(['shop']);
  await on.stop();
});

test.each<[string, unknown, string]>([
  ['that is no footprint', 'identifier: shop\n\trevision: 1', 'TW_BAD_FOOTPRINT'],
  ['without allocations', { identifier: 'shop', revision: 1 }, 'TW_BAD_FOOTPRINT'],
  ['with an unknown component', shop(1, { component: 'tilt' }), 'TW_COMPONENT_OPTIONS'],
  ['with options that do not fit', shop(1, { component: 'till', options: { currency: 'USD' } }), 'TW_COMPONENT_OPTIONS'],
  ['for another place', { ...shop(1, till), locations: ['mars'] }, 'TW_ELSEWHERE'],
  ['to remove what is not there', 'remove: bank', 'TW_UNKNOWN_FOOTPRINT'],
])('an order %s is refused with its reasons, and the next one is carried out', async (_, given, code) => {
  using on = await stage();
  on.heard();
  await on.order(given);
  expect(on.told).toMatchObject([{ kind: 'refused', error: { code } }]);
  expect(on.dead).toEqual([code]);
  expect(on.traces.find('process tracewright.control').attributes).toMatchObject({
    'error.type': code,
    'tracewright.settled': 'dead_letter',
  });
  on.heard();
  await on.order(shop(1, till));
  expect(on.heard()).toEqual([
    ['accepted', 1],
    ['ready', 1],
  ]);
  await on.stop();
});

describe('of what runs already', () => {
  test('a higher revision is applied, a lower one refused, and the same answered once more', async () => {
    using on = await stage();
    await on.order(shop(1, till));
    on.heard();
    await on.order(shop(2, till, cook));
    expect(on.told.at(-1)).toMatchObject({ kind: 'ready', applied: { started: ['cook'], replaced: [], stopped: [], kept: ['till'] } });
    on.heard();
    await on.order(shop(1, till));
    await on.order(shop(2, till, cook));
    await on.order(shop(2, cook));
    expect(on.heard()).toEqual([
      ['refused', 1, 'revision 1 of shop is not applied: revision 2 runs'],
      ['ready', 2],
      ['refused', 2, 'revision 2 of shop is not applied: revision 2 runs'],
    ]);
    await on.stop();
  });

  test('a revision that does not come up is rolled back, and may be sent again', async () => {
    using on = await stage();
    await on.order(shop(1, till));
    on.heard();
    await on.order(shop(2, { component: 'till', options: { fails: true } }));
    expect(on.heard()).toEqual([
      ['accepted', 2],
      ['component_failed', 2, 'till: no drawer'],
      ['rolled_back', 2, 'till of revision 2 of shop did not come up: what ran before runs again (no drawer)'],
    ]);
    await on.order(shop(2, till, cook));
    expect(on.heard()).toEqual([
      ['accepted', 2],
      ['ready', 2],
    ]);
    await on.stop();
  });

  test('it is ended when it is removed, and may come again', async () => {
    using on = await stage();
    await on.order(shop(5, till));
    on.heard();
    await on.order('{ "remove": "shop" }');
    expect(on.heard()).toEqual([
      ['accepted', 'shop'],
      ['stopped', 5],
    ]);
    expect(on.member.deployments().size).toBe(0);
    await on.order(shop(1, till));
    expect(on.heard()).toEqual([
      ['accepted', 1],
      ['ready', 1],
    ]);
    await on.stop();
  });
});

test('a footprint that cannot start is told of, and may be sent again', async () => {
  using on = await stage();
  on.heard();
  await on.order(shop(1, { component: 'till', options: { fails: true } }));
  await on.clock.advance(2000);
  expect(on.heard()).toEqual([
    ['accepted', 1],
    ['component_failed', 1, 'till: no drawer'],
    ['failed', 1, 'no drawer'],
  ]);
  await on.order(shop(1, till));
  expect(on.heard()).toEqual([
    ['accepted', 1],
    ['ready', 1],
  ]);
  await on.stop();
});

test('a component that fails later is told of, and so is the end of what it takes along', async () => {
  using on = await stage({ policy: 'best-effort' });
  await on.order(shop(1, till, cook));
  on.heard();
  const robber = defineComponent({
    name: 'robber',
    aspects: { orders: text },
    bootstrap: (l, link) => void l.fork('rob', () => link.publish('orders', { text: 'robbery' })),
  });
  const robbery = { identifier: 'robbery', revision: 1, allocations: [{ component: 'robber' }] };
  await deploy(robbery, { runtime: on.runtime, components: [robber], transport: on.transport });
  for (let step = 0; step < 20; step += 1) await on.clock.advance(10);
  expect(on.heard()).toEqual([['component_failed', 1, 'till: robbery']]);
  await on.stop();
});

test('a replica that stops ends all that it runs, tells of it, and leaves', async () => {
  using on = await stage();
  await on.order(shop(1, till));
  await on.order({ ...shop(1, cook), identifier: 'kitchen', name: 'kitchen' }, 'kitchen');
  on.heard();
  await on.stop();
  expect(on.heard()).toEqual([['stopped', 1], ['stopped', 1], ['left']]);
  await expect(on.member.done).resolves.toMatchObject({ status: 'stopped', failures: [], stuck: [] });
  expect(on.traces.open).toEqual([]);
});

test('each order reaches one of the replicas', async () => {
  using on = await stage({}, ['one', 'two']);
  on.heard();
  for (const identifier of ['a', 'b', 'c', 'd']) await on.order({ ...shop(1, till), identifier, name: identifier }, identifier);
  expect(on.told.filter(({ kind }) => kind === 'ready')).toHaveLength(4);
  const running = on.members.flatMap(({ deployments }) => [...deployments().keys()]);
  expect(running.toSorted((one, other) => one.localeCompare(other))).toEqual(['a', 'b', 'c', 'd']);
  await on.stop();
});

test.each<[string, object]>([
  ['replicaSet.name', { name: 'a/b' }],
  ['replicaSet.status', { status: 'tracewright.control' }],
  ['replicaSet.nmae', { nmae: 'x' }],
])('a wrong %s is refused', async (option, wrong) => {
  await expect(stage(wrong)).rejects.toMatchObject({ code: 'TW_BAD_OPTION', message: expect.stringContaining(option) as string });
});
