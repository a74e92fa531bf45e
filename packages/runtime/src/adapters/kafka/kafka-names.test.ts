import { isTracewrightError } from 'tracewright';
import { expect, test } from 'vitest';
import { groupIdOf, requireTopic } from './kafka-names.ts';

test.each(['', '.', '..', 'a b', 'a/b', 'ü', 'a'.repeat(250), 7])('%j is no topic', (value) => {
  let found: unknown;
  try {
    requireTopic('destination', value);
  } catch (error) {
    found = error;
  }
  expect(isTracewrightError(found, 'TW_BAD_OPTION')).toBe(true);
});

test.each(['orders', '...', 'Shop.orders-2_b', 'a'.repeat(249)])('%j is a topic', (value) =>
  expect(requireTopic('destination', value)).toBe(value),
);

test('each pair of group and destination has a group of its own', () => {
  const pairs = [
    ['fp/till', 'orders'],
    ['fp', 'till.orders'],
    ['fp/till/orders', 'dead'],
    ['fp/till', 'orders.dead'],
  ] as const;
  expect(new Set(pairs.map(([group, topic]) => groupIdOf(group, topic))).size).toBe(pairs.length);
  expect(groupIdOf('fp/till', 'orders')).toBe('fp/till/orders');
});
