import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineComponent } from '../component.ts';
import type { Allocation, Footprint } from '../footprint.ts';
import { renderTopology } from './render-topology.ts';
import { topologyOf, type TopologyOptions } from './topology.ts';

const anything = z.unknown();
const bootstrap = (): void => undefined;
const components = [
  defineComponent({ name: 'clerk', aspects: { orders: anything }, bootstrap }),
  defineComponent({ name: 'till', interests: { orders: anything }, aspects: { receipts: anything }, bootstrap }),
  defineComponent({ name: 'mourner', interests: { lost: anything }, aspects: { orders: anything }, bootstrap }),
  defineComponent({ name: 'idle', bootstrap }),
];

function textOf(
  allocations: readonly Allocation[],
  { more, ...options }: TopologyOptions & { readonly more?: Partial<Footprint> } = {},
): string {
  return renderTopology(topologyOf({ identifier: 'a2b8f2f0', revision: 3, allocations, ...more }, components, options), 'text');
}

test('tables of instances and destinations, then cycles and warnings', () => {
  const allocations = [
    { component: 'clerk', bindings: { orders: 'shop.orders' } },
    { component: 'till', instance: 'north', bindings: { orders: 'shop.orders' } },
    { component: 'till', instance: 'south', bindings: { orders: 'shop.orders', receipts: 'rolls' } },
    { component: 'mourner', bindings: { lost: 'shop.orders.dead', orders: 'shop.orders' } },
    { component: 'idle' },
  ];
  const more = { name: 'shop', solution: 'retail' };
  expect(textOf(allocations, { external: ['receipts'], more })).toMatchInlineSnapshot(`
    "shop (a2b8f2f0), solution retail, revision 3: 5 instances, 4 destinations

    Instances
      clerk         publishes  shop.orders (orders)
      north (till)  subscribes shop.orders (orders)
                    publishes  receipts
      south (till)  subscribes shop.orders (orders)
                    publishes  rolls (receipts)
      mourner       subscribes shop.orders.dead (lost)
                    publishes  shop.orders (orders)
      idle          declares nothing

    Destinations
      receipts          north → other programs
      rolls             south → nobody
      shop.orders       clerk, mourner → north, south
      shop.orders.dead  north (dead letters), south (dead letters) → mourner

    Cycles
      - north → [shop.orders.dead] → mourner → [shop.orders] → north

    Warnings
      - rolls: nobody subscribes to what south (aspect receipts) publishes; if another program does,
        name it as external"
  `);
});

test('what is short is short', () => {
  expect(textOf([{ component: 'clerk' }], { external: ['orders'] })).toMatchInlineSnapshot(`
    "a2b8f2f0, revision 3: 1 instance, 1 destination

    Instances
      clerk  publishes  orders

    Destinations
      orders  clerk → other programs"
  `);
});

test('fifty instances stay within 96 columns', () => {
  const allocations = Array.from({ length: 50 }, (_, index) => ({
    component: index % 5 === 0 ? 'clerk' : 'till',
    instance: `in-branch-${index}`,
  }));
  const text = textOf(allocations);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(96);
  expect(text.slice(text.indexOf('Destinations'))).toMatchInlineSnapshot(`
    "Destinations
      orders    in-branch-0, in-branch-5, in-branch-10, in-branch-15, in-branch-20, in-branch-25,
                  in-branch-30, in-branch-35, in-branch-40, in-branch-45
                → in-branch-1, in-branch-2, in-branch-3, in-branch-4, in-branch-6, in-branch-7,
                  in-branch-8, in-branch-9, in-branch-11, in-branch-12, in-branch-13, in-branch-14,
                  in-branch-16, in-branch-17, in-branch-18, in-branch-19, in-branch-21,
                  in-branch-22, in-branch-23, in-branch-24, in-branch-26, in-branch-27,
                  in-branch-28, in-branch-29, in-branch-31, in-branch-32, in-branch-33,
                  in-branch-34, in-branch-36, in-branch-37, in-branch-38, in-branch-39,
                  in-branch-41, in-branch-42, in-branch-43, in-branch-44, in-branch-46,
                  in-branch-47, in-branch-48, in-branch-49
      receipts  in-branch-1, in-branch-2, in-branch-3, in-branch-4, in-branch-6, in-branch-7,
                  in-branch-8, in-branch-9, in-branch-11, in-branch-12, in-branch-13, in-branch-14,
                  in-branch-16, in-branch-17, in-branch-18, in-branch-19, in-branch-21,
                  in-branch-22, in-branch-23, in-branch-24, in-branch-26, in-branch-27,
                  in-branch-28, in-branch-29, in-branch-31, in-branch-32, in-branch-33,
                  in-branch-34, in-branch-36, in-branch-37, in-branch-38, in-branch-39,
                  in-branch-41, in-branch-42, in-branch-43, in-branch-44, in-branch-46,
                  in-branch-47, in-branch-48, in-branch-49
                → nobody

    Warnings
      - receipts: nobody subscribes to what in-branch-1 (aspect receipts), in-branch-2 (aspect
        receipts), in-branch-3 (aspect receipts) and 37 more publish; if another program does, name
        it as external"
  `);
});

test('a long name has a line of its own, and is never broken', () => {
  const instance = 'the-till-at-the-far-end-of-the-northern-hall';
  const bindings = { orders: `shop.${'orders.'.repeat(15)}`, receipts: 'rolls' };
  expect(textOf([{ component: 'till', instance, bindings }], { external: ['rolls', bindings.orders] })).toMatchInlineSnapshot(`
    "a2b8f2f0, revision 3: 1 instance, 2 destinations

    Instances
      the-till-at-the-far-end-of-the-northern-hall (till)
        subscribes
          shop.orders.orders.orders.orders.orders.orders.orders.orders.orders.orders.orders.orders.orders.orders.orders. (orders)
        publishes  rolls (receipts)

    Destinations
      rolls  the-till-at-the-far-end-of-the-northern-hall
             → other programs
      shop.orders.orders.orders.orders.orders.orders.orders.orders.orders.orders.orders.orders.orders.orders.orders.
             other programs
             → the-till-at-the-far-end-of-the-northern-hall"
  `);
});

test('names can neither break a line nor speak to the terminal', () => {
  const name = 'a\nb\u001b[2J\u202e\ud800';
  const allocations = [{ component: 'till', instance: name, bindings: { orders: name, receipts: name } }];
  const text = textOf(allocations, { more: { identifier: name, solution: name } });
  expect(text).not.toMatch(/[^\P{C}\n]/u);
  expect(text).toMatchInlineSnapshot(`
    "a\\nb\\u001b[2J\\u202e\\ud800, solution a\\nb\\u001b[2J\\u202e\\ud800, revision 3: 1 instance,
      1 destination

    Instances
      a\\nb\\u001b[2J\\u202e\\ud800 (till)  subscribes a\\nb\\u001b[2J\\u202e\\ud800 (orders)
                                        publishes  a\\nb\\u001b[2J\\u202e\\ud800 (receipts)

    Destinations
      a\\nb\\u001b[2J\\u202e\\ud800  a\\nb\\u001b[2J\\u202e\\ud800 → a\\nb\\u001b[2J\\u202e\\ud800

    Cycles
      - a\\nb\\u001b[2J\\u202e\\ud800 → [a\\nb\\u001b[2J\\u202e\\ud800] → a\\nb\\u001b[2J\\u202e\\ud800"
  `);
});

test('the same footprint gives the same text, whatever the order of the components', () => {
  const footprint = {
    identifier: 'a',
    revision: 1,
    allocations: [{ component: 'till' }, { component: 'clerk' }, { component: 'mourner' }],
  };
  expect(renderTopology(topologyOf(footprint, components.toReversed()), 'text')).toBe(
    renderTopology(topologyOf(footprint, components), 'text'),
  );
});

test('another format throws TW_BAD_OPTION', () => {
  const topology = topologyOf({ identifier: 'a', revision: 1, allocations: [{ component: 'idle' }] }, components);
  // @ts-expect-error -- formats come from command lines.
  expect(() => renderTopology(topology, 'dot')).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
});
