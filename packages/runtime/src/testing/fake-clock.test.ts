import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { fakeClock } from './fake-clock.ts';

test('a fake clock begins with the year 2026 and stands still', async () => {
  const clock = fakeClock();
  await nextTurn();
  expect([new Date(clock.now()).toISOString(), clock.monotonic()]).toEqual(['2026-01-01T00:00:00.000Z', 0]);
});

test('timers are called at their own times, in time order, then in the order made', async () => {
  const clock = fakeClock({ startAt: 1000 });
  const calls: [string, number][] = [];
  for (const [name, delayMs] of [
    ['late', 20],
    ['early', 10],
    ['early too', 10],
    ['not yet', 31],
  ] as const) {
    clock.setTimer(() => calls.push([name, clock.now()]), delayMs);
  }
  await clock.advance(30);
  expect(calls).toEqual([
    ['early', 1010],
    ['early too', 1010],
    ['late', 1020],
  ]);
  expect([clock.now(), clock.monotonic(), clock.pending]).toEqual([1030, 30, 1]);
});

test('what follows from a timer is done before the next timer is called', async () => {
  const clock = fakeClock();
  const steps: string[] = [];
  const work = (async () => {
    await clock.sleep(10);
    for (let step = 0; step < 20; step += 1) await Promise.resolve();
    steps.push('after the first');
  })();
  clock.setTimer(() => steps.push('second'), 11);
  await clock.advance(11);
  await work;
  expect(steps).toEqual(['after the first', 'second']);
});

test('sleeps that follow one another are woken at their own times in one advance, turns of the event loop between them or not', async () => {
  const clock = fakeClock({ startAt: 0 });
  const wokenAt: number[] = [];
  const work = (async () => {
    for (let count = 0; count < 3; count += 1) {
      await clock.sleep(10);
      await nextTurn();
      wokenAt.push(clock.now());
    }
  })();
  await clock.advance(30);
  await work;
  expect(wokenAt).toEqual([10, 20, 30]);
});

test('advance waits for turns of the event loop that work gives away', async () => {
  const clock = fakeClock();
  let isDone = false;
  clock.setTimer(() => void nextTurn().then(() => (isDone = true)), 5);
  await clock.advance(5);
  expect(isDone).toBe(true);
});

test('tick moves time at once and leaves what is due to the next advance', async () => {
  const clock = fakeClock({ startAt: 0 });
  const calledAt: number[] = [];
  clock.setTimer(() => calledAt.push(clock.now()), 10);
  clock.tick(25);
  expect([clock.now(), calledAt, clock.pending]).toEqual([25, [], 1]);
  await clock.advance(0);
  expect([clock.now(), calledAt, clock.pending]).toEqual([25, [25], 0]);
});

test('a cancelled timer is not called', async () => {
  const clock = fakeClock();
  let calls = 0;
  const cancel = clock.setTimer(() => (calls += 1), 1);
  cancel();
  cancel();
  await clock.advance(10);
  expect([calls, clock.pending]).toEqual([0, 0]);
});

test('a sleep rejects with the reason of its signal, and leaves no timer', async () => {
  const clock = fakeClock();
  const controller = new AbortController();
  const sleep = clock.sleep(1000, { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(sleep).rejects.toThrow('enough');
  expect(clock.pending).toBe(0);
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('a step of %s ms is refused', async (ms) => {
  const clock = fakeClock();
  await expect(clock.advance(ms)).rejects.toMatchObject({ code: 'TW_BAD_OPTION' });
  expect(() => clock.tick(ms)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
});
