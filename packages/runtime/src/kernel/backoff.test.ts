import { expect, test } from 'vitest';
import { type Backoff, backoffMs } from './backoff.ts';

const backoff: Backoff = { delayMs: 100, maxDelayMs: 1000, jitter: 'none', random: () => 0.25 };

test('each wait is twice the one before, up to the longest, however many there are', () => {
  expect([1, 2, 3, 4, 5, 5000].map((attempt) => backoffMs(backoff, attempt))).toEqual([100, 200, 400, 800, 1000, 1000]);
});

test('full jitter takes a part of the wait', () => {
  expect([1, 2, 3, 4, 5].map((attempt) => backoffMs({ ...backoff, jitter: 'full' }, attempt))).toEqual([25, 50, 100, 200, 250]);
});

test('half jitter takes at least half of the wait', () => {
  expect([1, 2, 3, 4, 5].map((count) => backoffMs({ ...backoff, jitter: 'half' }, count))).toEqual([62.5, 125, 250, 500, 625]);
});

test('no wait stays none', () => {
  expect(backoffMs({ ...backoff, delayMs: 0 }, 5000)).toBe(0);
});
