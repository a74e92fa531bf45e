import { fakeClock } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { type LoopMonitor, StallWatch } from './stall-watch.ts';

/** An event loop that stands still when a test says so. */
class FakeMonitor implements LoopMonitor {
  max = 0;
  readonly calls: string[] = [];
  stall(ms: number): void {
    this.max = Math.max(this.max, ms * 1_000_000);
  }
  reset(): void {
    this.max = 0;
  }
  enable(): void {
    this.calls.push('enable');
  }
  disable(): void {
    this.calls.push('disable');
  }
}

function watching() {
  const clock = fakeClock();
  const monitor = new FakeMonitor();
  const watch = new StallWatch({ windowMs: 10_000, monitor, clock });
  watch.start();
  return { clock, monitor, watch };
}

test('a stall is told to whoever asks within the window', async () => {
  const { clock, monitor, watch } = watching();
  monitor.stall(300);
  const told: number[] = [];
  for (let seconds = 0; seconds < 10; seconds += 3) {
    told.push(watch.longestMs, watch.longestMs);
    await clock.advance(3000);
  }
  expect(told).toEqual([300, 300, 300, 300, 300, 300, 300, 300]);
});

test('two who ask every ten seconds are both told, whenever the loop stood still', async () => {
  for (let stalledAtS = 0; stalledAtS < 20; stalledAtS += 1) {
    const { clock, monitor, watch } = watching();
    const told = { first: 0, second: 0 };
    for (let second = 0; second < 45; second += 1) {
      if (second === stalledAtS) monitor.stall(300);
      if (second % 10 === 2) told.first += watch.longestMs === 300 ? 1 : 0;
      if (second % 10 === 7) told.second += watch.longestMs === 300 ? 1 : 0;
      await clock.advance(1000);
    }
    expect(Math.min(told.first, told.second)).toBeGreaterThanOrEqual(1);
    expect(Math.max(told.first, told.second)).toBeLessThanOrEqual(2);
  }
});

test('a stall is forgotten one to two windows after it, and a later one is told', async () => {
  const { clock, monitor, watch } = watching();
  monitor.stall(300);
  await clock.advance(10_000);
  expect(watch.longestMs).toBe(300);
  await clock.advance(9999);
  expect(watch.longestMs).toBe(300);
  monitor.stall(200);
  expect(watch.longestMs).toBe(300);
  await clock.advance(1);
  expect(watch.longestMs).toBe(200);
  await clock.advance(10_000);
  expect(watch.longestMs).toBe(0);
});

test('a stall that nobody has asked about for two windows is told to nobody', async () => {
  const { clock, monitor, watch } = watching();
  monitor.stall(300);
  await clock.advance(20_000);
  expect(watch.longestMs).toBe(0);
});

test('a stall of just now is told to who has not asked for a long time', async () => {
  const { clock, monitor, watch } = watching();
  await clock.advance(3_600_000);
  monitor.stall(300);
  await clock.advance(5000);
  expect(watch.longestMs).toBe(300);
});

test('the monitor runs from the start to the stop', async () => {
  const { clock, monitor, watch } = watching();
  watch.stop();
  expect(monitor.calls).toEqual(['enable', 'disable']);
  monitor.stall(300);
  await clock.advance(3_600_000);
  expect(watch.longestMs).toBe(300);
});
