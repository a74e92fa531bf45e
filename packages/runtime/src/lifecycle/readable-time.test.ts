import { expect, test } from 'vitest';
import { readableTime } from './readable-time.ts';

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];

test.each([
  [0, '0 ms'],
  [-1, '0 ms'],
  [0.4, '0 ms'],
  [999.9, '999 ms'],
  [second, '1 s'],
  [59_999, '59 s'],
  [minute, '1 m'],
  [3 * minute + 12 * second + 500, '3 m 12 s'],
  [hour - 1, '59 m 59 s'],
  [hour + 5 * second, '1 h'],
  [hour + 5 * minute, '1 h 5 m'],
  [2 * day + 4 * hour + 59 * minute, '2 d 4 h'],
  [400 * day, '400 d'],
])('%d ms are %s', (durationMs, text) => {
  expect(readableTime(durationMs)).toBe(text);
});
