import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { bytes, json } from '../codec.ts';
import { defineComponent } from '../component.ts';
import type { Allocation, Footprint } from '../footprint.ts';
import { topologyOf, type TopologyOptions } from './topology.ts';

const order = z.object({ id: z.string() });
const bootstrap = (): void => undefined;
const clerk = defineComponent({ name: 'clerk', aspects: { orders: order }, bootstrap });
const till = defineComponent({
  name: 'till',
  options: z.object({ greeting: z.string() }),
  interests: { orders: order },
  aspects: { receipts: order },
  bootstrap,
});
const archive = defineComponent({ name: 'archive', interests: { receipts: order }, bootstrap });
const mourner = defineComponent({ name: 'mourner', interests: { lost: order }, bootstrap });
const components = [clerk, till, archive, mourner];

const footprintOf = (...allocations: readonly Allocation[]): Footprint => ({ identifier: 'a2b8', revision: 3, name: 'shop', allocations });

const warningsOf = (allocations: readonly Allocation[], options?: TopologyOptions): readonly string[] =>
  topologyOf(footprintOf(...allocations), components, options).warnings.map(({ kind, message }) => `${kind}  ${message}`);

test('a topology says who publishes and who subscribes where, as the bindings have it', () => {
  const footprint = {
    ...footprintOf(
      { component: 'till', instance: 'north', bindings: { orders: 'shop.orders' } },
      { component: 'clerk', bindings: { orders: 'shop.orders' } },
      { component: 'archive' },
    ),
    solution: 'retail',
  };
  expect(topologyOf(footprint, components)).toEqual({
    footprint: { identifier: 'a2b8', revision: 3, name: 'shop', solution: 'retail' },
    instances: [
      {
        instance: 'north',
        component: 'till',
        publishes: [{ aspect: 'receipts', destination: 'receipts' }],
        subscribes: [{ interest: 'orders', destination: 'shop.orders' }],
      },
      { instance: 'clerk', component: 'clerk', publishes: [{ aspect: 'orders', destination: 'shop.orders' }], subscribes: [] },
      { instance: 'archive', component: 'archive', publishes: [], subscribes: [{ interest: 'receipts', destination: 'receipts' }] },
    ],
    destinations: [
      { name: 'receipts', publishers: ['north'], subscribers: ['archive'], external: false },
      { name: 'shop.orders', publishers: ['clerk'], subscribers: ['north'], external: false },
    ],
    cycles: [],
    warnings: [],
  });
});

test('nothing of it can be changed, and what it was made of can be', () => {
  const footprint = footprintOf({ component: 'clerk', bindings: { orders: 'a' } });
  const topology = topologyOf(footprint, components);
  expect(Object.isFrozen(topology.instances[0]?.publishes[0])).toBe(true);
  expect(Object.isFrozen(topology.warnings[0]?.instances)).toBe(true);
  expect(Object.isFrozen(topology.cycles)).toBe(true);
  expect(Object.isFrozen(footprint.allocations[0]?.bindings)).toBe(false);
});

test('options of components are nowhere in it, with whatever is wrong about them', () => {
  const options = { greeting: 'hunter2' };
  const topology = topologyOf(footprintOf({ component: 'till', options }, { component: 'lathe', options }), components);
  expect(topology.warnings).not.toEqual([]);
  expect(JSON.stringify(topology)).not.toContain('hunter2');
});

test('a name that every object has is no binding', () => {
  const odd = defineComponent({ name: 'odd', aspects: { constructor: order }, bootstrap });
  const { destinations } = topologyOf(footprintOf({ component: 'odd', bindings: {} }), [odd]);
  expect(destinations.map(({ name }) => name)).toEqual(['constructor']);
});

describe('warnings', () => {
  test('an interest that nobody publishes to and an aspect that nobody reads are told, with their destination and instances', () => {
    const allocations = [{ component: 'till' }, { component: 'till', instance: 'north', bindings: { receipts: 'rolls' } }];
    const unless = 'if another program does, name it as external';
    expect(topologyOf(footprintOf(...allocations), components).warnings).toEqual([
      {
        kind: 'no-publisher',
        destination: 'orders',
        instances: ['till', 'north'],
        message: `orders: nobody publishes what till (interest orders), north (interest orders) subscribe to; ${unless}`,
      },
      {
        kind: 'no-subscriber',
        destination: 'receipts',
        instances: ['till'],
        message: `receipts: nobody subscribes to what till (aspect receipts) publishes; ${unless}`,
      },
      {
        kind: 'no-subscriber',
        destination: 'rolls',
        instances: ['north'],
        message: `rolls: nobody subscribes to what north (aspect receipts) publishes; ${unless}`,
      },
    ]);
  });

  test('a message names three of many; the data has all', () => {
    const allocations = Array.from({ length: 50 }, (_, index) => ({ component: 'archive', instance: `archive-${index}` }));
    const [warning] = topologyOf(footprintOf(...allocations), components).warnings;
    expect(warning?.message).toMatch(/what archive-0 .*, archive-2 \(interest receipts\) and 47 more subscribe to;/);
    expect(warning?.instances).toHaveLength(50);
  });

  test('what other programs publish or read gives none', () => {
    expect(warningsOf([{ component: 'till' }], { external: ['orders', 'receipts', 'elsewhere'] })).toEqual([]);
    expect(warningsOf([{ component: 'till' }], { external: ['orders'] })).toHaveLength(1);
  });

  test('dead letters of a destination are published by all who subscribe to it', () => {
    const dead = { component: 'mourner', bindings: { lost: 'orders.dead' } };
    const topology = topologyOf(
      footprintOf({ component: 'clerk' }, { component: 'till' }, { component: 'till', instance: 'north' }, { component: 'archive' }, dead),
      components,
    );
    expect(topology.warnings).toEqual([]);
    expect(topology.destinations.find(({ name }) => name === 'orders.dead')).toEqual({
      name: 'orders.dead',
      publishers: ['till', 'north'],
      subscribers: ['mourner'],
      external: false,
    });
    expect(warningsOf([{ component: 'clerk' }, dead])).toContainEqual(expect.stringContaining('no-publisher  orders.dead: '));
  });

  test('what is published by hand where dead letters go needs a reader all the same', () => {
    const rejecting = { component: 'clerk', instance: 'mover', bindings: { orders: 'orders.dead' } };
    expect(warningsOf([{ component: 'clerk' }, { component: 'till' }, { component: 'archive' }, rejecting])).toEqual([
      'no-subscriber  orders.dead: nobody subscribes to what mover (aspect orders) publishes; if another program does, name it as external',
    ]);
  });

  test('an unknown component is told, and is an instance of which nothing is known', () => {
    const topology = topologyOf(footprintOf({ component: 'lathe', instance: 'north', bindings: { orders: 'a' } }), [clerk, till]);
    expect(topology.warnings).toEqual([
      { kind: 'unknown-component', instances: ['north'], message: 'north: no component lathe: there are clerk, till' },
    ]);
    expect(topology.instances).toEqual([{ instance: 'north', component: 'lathe', publishes: [], subscribes: [] }]);
    expect(topologyOf(footprintOf({ component: 'lathe' }), []).warnings[0]?.message).toBe('lathe: no component lathe: there is none');
  });

  test('two allocations of one instance and a binding of nothing are told', () => {
    expect(
      warningsOf([{ component: 'clerk', bindings: { ordres: 'a' } }, { component: 'till', instance: 'clerk' }, { component: 'archive' }]),
    ).toEqual([
      'unknown-binding  clerk: clerk declares no aspect or interest ordres: there are orders',
      'duplicate-instance  clerk: 2 allocations have this instance',
    ]);
  });

  test('names cannot break the line of a message', () => {
    const [warning] = topologyOf(footprintOf({ component: 'clerk', bindings: { orders: 'a\n\u001b[31m\u202eb' } }), components).warnings;
    expect(warning?.destination).toBe('a\n\u001b[31m\u202eb');
    expect(warning?.message).toMatch(/^a\\n\\u001b\[31m\\u202eb: nobody/);
  });

  test('a destination that is written in one content type and read in another is told, once for each pair', () => {
    const cbor = { ...bytes, contentType: 'application/cbor' };
    const writer = (name: string, codec: typeof json) => defineComponent({ name, aspects: { goods: { schema: order, codec } }, bootstrap });
    const reader = (name: string, codec: typeof json) =>
      defineComponent({ name, interests: { goods: { schema: order, codec } }, bootstrap });
    const all = [
      writer('plain', json),
      writer('packed', cbor),
      reader('eager', json),
      reader('other', json),
      reader('typed', { ...json, contentType: 'Application/JSON; charset=utf-8' }),
      reader('mirror', bytes),
    ];
    const { warnings } = topologyOf(footprintOf(...all.map(({ name }) => ({ component: name }))), all);
    expect(warnings).toEqual([
      {
        kind: 'mixed-codecs',
        destination: 'goods',
        instances: ['packed', 'eager', 'other', 'typed'],
        message:
          'goods: packed (aspect goods) publishes application/cbor, but eager (interest goods), other (interest goods), typed (interest goods) expect application/json',
      },
    ]);
  });
});

describe('wrong arguments', () => {
  test.each([
    [
      'a footprint without allocations',
      () => topologyOf({ identifier: 'a', revision: 1, allocations: [] }, components),
      'footprint.allocations',
    ],
    // @ts-expect-error -- components come from JavaScript, too.
    ['what is no list of components', () => topologyOf(footprintOf({ component: 'clerk' }), clerk), 'topologyOf.components'],
    [
      'what is no component',
      () => topologyOf(footprintOf({ component: 'clerk' }), [clerk, { name: 'a', doc: undefined, aspects: [], interests: [] }]),
      'topologyOf.components[1]',
    ],
    ['two components of one name', () => topologyOf(footprintOf({ component: 'clerk' }), [clerk, clerk]), 'topologyOf.components'],
    [
      'what is no list of destinations',
      // @ts-expect-error -- a string would be taken apart into letters.
      () => topologyOf(footprintOf({ component: 'clerk' }), components, { external: 'orders' }),
      'topologyOf.external',
    ],
    ['an empty name', () => topologyOf(footprintOf({ component: 'clerk' }), components, { external: ['a', ''] }), 'topologyOf.external[1]'],
    // @ts-expect-error -- a misspelt option.
    ['an unknown option', () => topologyOf(footprintOf({ component: 'clerk' }), components, { externals: [] }), 'topologyOf.externals'],
  ])('%s throws TW_BAD_OPTION', (_, call, option) => {
    expect(call).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION', data: expect.objectContaining({ option }) }));
  });
});
