import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HeapItem, OrderedHeap } from './ordered-heap.ts';

interface Numbered extends HeapItem {
  readonly order: number;
}

test('whatever was added and taken out from the middle, the first is the lowest, and each item knows whether it is in', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ add: fc.nat(1000) }) },
    { weight: 2, arbitrary: fc.record({ remove: fc.nat(100) }) },
    { weight: 1, arbitrary: fc.constant('takeFirst' as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const heap = new OrderedHeap<Numbered>((one, other) => one.order < other.order);
      const inside: Numbered[] = [];
      const lowest = (): number | undefined => inside.map(({ order }) => order).toSorted((one, other) => one - other)[0];
      const forget = (item: Numbered | undefined): void => {
        if (item === undefined) return;
        inside.splice(inside.indexOf(item), 1);
        expect(item.heapIndex).toBe(-1);
      };
      const take = (given: (typeof steps)[number]): void => {
        if (given === 'takeFirst') return forget(heap.takeFirst());
        if ('add' in given) {
          const item = { order: given.add, heapIndex: -1 };
          heap.add(item);
          inside.push(item);
          return;
        }
        const item = inside[given.remove % Math.max(1, inside.length)];
        if (item !== undefined) heap.remove(item);
        forget(item);
      };
      for (const given of steps) {
        take(given);
        expect([heap.first?.order, heap.size]).toEqual([lowest(), inside.length]);
      }
      const drained = Array.from({ length: heap.size }, () => heap.takeFirst()?.order);
      expect(drained).toEqual(inside.map(({ order }) => order).toSorted((one, other) => one - other));
      expect(heap.takeFirst()).toBeUndefined();
    }),
  );
});
