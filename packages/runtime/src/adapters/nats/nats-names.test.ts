import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { consumerName, requireSubject, streamName } from './nats-names.ts';

test.each(['', 'a b', 'a..b', '.a', 'a.', 'a.*', 'a.>', '$JS.API.INFO', '_INBOX.a', 'a\nb', 'a\0b', 7])(
  'a destination %j is refused',
  (destination) => {
    expect(() => requireSubject('destination', destination)).toThrow('destination must be a NATS subject');
  },
);

test.each(['orders', 'shop.orders.dead', 'käse.$1', 'a/b-c_d'])('a destination %j is a subject', (destination) => {
  expect(requireSubject('destination', destination)).toBe(destination);
});

test.each([
  ['shop.orders', 'shop__orders'],
  ['shop_orders', 'shop_5Forders'],
  ['shop-2', 'shop-2'],
  ['käse', 'k_C3_A4se'],
  ['a/b\\c', 'a_2Fb_5Cc'],
])('the stream of %s is called %s', (destination, name) => expect(streamName(destination)).toBe(name));

test('a consumer is called by its group and its destination', () => {
  expect(consumerName('fp-1/till', 'shop.orders')).toBe('fp-1_2Ftill_on_shop__orders');
});

const part = fc.oneof(
  fc.string({ minLength: 1, unit: fc.constantFrom('_', '.', 'o', 'n', 'h', '5', 'F', 'ü') }),
  fc.string({ minLength: 95, maxLength: 130 }),
);

test('different groups and destinations have different names that NATS and file systems allow', () => {
  fc.assert(
    fc.property(fc.tuple(part, part), fc.tuple(part, part), ([group, destination], [otherGroup, otherDestination]) => {
      const name = consumerName(group, destination);
      expect(name).toMatch(/^[A-Za-z0-9_-]{1,255}$/);
      const isSame = group === otherGroup && destination === otherDestination;
      expect(name === consumerName(otherGroup, otherDestination)).toBe(isSame);
    }),
  );
});
