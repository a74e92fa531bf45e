import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineComponent } from '../component.ts';
import type { Footprint } from '../footprint.ts';
import { type Topology, topologyOf } from './topology.ts';

/** The destinations that an instance publishes to and subscribes to. */
interface Ports {
  readonly to: readonly string[];
  readonly from: readonly string[];
}

const anything = z.unknown();
const contracts = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, anything]));

/** Of instances `i0`, `i1` …, in this order. */
function topologyFor(all: readonly Ports[]): Topology {
  const components = all.map(({ to, from }, index) =>
    defineComponent({ name: `i${index}`, aspects: contracts(to), interests: contracts(from), bootstrap: () => undefined }),
  );
  const footprint: Footprint = { identifier: 'a', revision: 1, allocations: components.map(({ name }) => ({ component: name })) };
  return topologyOf(footprint, components);
}

/** Instances that get a message of this one's, dead letters included. */
function nextOf(from: string, { destinations }: Topology): readonly string[] {
  return destinations.filter(({ publishers }) => publishers.includes(from)).flatMap(({ subscribers }) => subscribers);
}

/** How many steps it takes from each instance to each other that it reaches at all, one at least; by trying all. */
function distancesIn(topology: Topology): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const names = topology.instances.map(({ instance }) => instance);
  return new Map(
    names.map((start) => {
      const distances = new Map<string, number>();
      let ends: readonly string[] = [start];
      for (let steps = 1; steps <= names.length; steps += 1) {
        ends = [...new Set(ends.flatMap((end) => nextOf(end, topology)))];
        for (const end of ends) if (!distances.has(end)) distances.set(end, steps);
      }
      return [start, distances];
    }),
  );
}

const destination = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'a.dead', 'b.dead', 'a.dead.dead');
const ports = fc.record({
  to: fc.uniqueArray(destination, { maxLength: 2 }),
  from: fc.uniqueArray(destination, { maxLength: 2 }),
});

test('ping and pong are one cycle, and no warning', () => {
  const { cycles, warnings } = topologyFor([
    { to: ['ping'], from: ['pong'] },
    { to: ['pong'], from: ['ping'] },
  ]);
  expect(cycles).toEqual([['i0', 'i1']]);
  expect(warnings).toEqual([]);
});

test('what publishes to itself is a cycle of its own', () => {
  expect(topologyFor([{ to: ['a'], from: ['b', 'a'] }]).cycles).toEqual([['i0']]);
});

test('who sends dead letters back is in a cycle with those who cannot handle them', () => {
  const { cycles } = topologyFor([
    { to: [], from: ['orders'] },
    { to: ['orders'], from: ['orders.dead'] },
  ]);
  expect(cycles).toEqual([['i0', 'i1']]);
});

test('of two ways round, the shorter one is told', () => {
  const { cycles } = topologyFor([
    { to: ['a', 'c'], from: ['end'] },
    { to: ['b'], from: ['a'] },
    { to: ['end'], from: ['b'] },
    { to: ['end'], from: ['c'] },
  ]);
  expect(cycles).toEqual([['i0', 'i3']]);
});

test('each group of instances that reach each other has one cycle, the shortest through its first instance, in their order', () => {
  fc.assert(
    fc.property(fc.array(ports, { minLength: 1, maxLength: 7 }), (all) => {
      const topology = topologyFor(all);
      const distances = distancesIn(topology);
      const reaches = (one: string, other: string): boolean => distances.get(one)?.has(other) ?? false;
      const names = topology.instances.map(({ instance }) => instance);
      const firsts = names.filter(
        (name, index) => reaches(name, name) && !names.slice(0, index).some((earlier) => reaches(earlier, name) && reaches(name, earlier)),
      );
      expect(topology.cycles.map(([first]) => first)).toEqual(firsts);
      for (const cycle of topology.cycles) {
        const [first = ''] = cycle;
        expect(cycle).toHaveLength(distances.get(first)?.get(first) ?? 0);
        expect(new Set(cycle).size).toBe(cycle.length);
        for (const [index, instance] of cycle.entries()) expect(nextOf(instance, topology)).toContain(cycle[(index + 1) % cycle.length]);
      }
    }),
    { numRuns: 300 },
  );
});

test('a ring of 2000 instances is one cycle', () => {
  const ring = Array.from({ length: 2000 }, (_, index) => ({ to: [`d${index + 1}`], from: [index === 0 ? 'd2000' : `d${index}`] }));
  const { cycles } = topologyFor(ring);
  expect(cycles).toEqual([ring.map((_, index) => `i${index}`)]);
});

test('2000 instances that all reach each other, in more ways than anybody can count, have one short cycle', () => {
  const dense = Array.from({ length: 2000 }, (_, index) => ({
    to: [`d${index % 40}`, `d${(index + 1) % 40}`],
    from: [`d${(index * 7 + 5) % 40}`],
  }));
  expect(topologyFor(dense).cycles).toEqual([['i0', 'i5']]);
  expect(topologyFor(dense.map(() => ({ to: ['all'], from: ['all'] }))).cycles).toEqual([['i0']]);
});
