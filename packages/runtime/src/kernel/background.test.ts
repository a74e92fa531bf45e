import { fakeClock } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { BackgroundWork } from './background.ts';

function deferred(): { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } {
  let resolve = (): void => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

test('work in the background is named until it settles', async () => {
  const work = new BackgroundWork();
  const [first, second] = [deferred(), deferred()];
  work.track('first', first.promise);
  work.track('second', second.promise);
  work.track('second', new Promise(() => undefined));
  expect(work.pending).toEqual(['first', 'second', 'second']);
  first.resolve();
  second.reject(new Error('broken'));
  await fakeClock().advance(0);
  expect(work.pending).toEqual(['second']);
});

test('waiting ends when all has settled, what was started meanwhile included', async () => {
  const clock = fakeClock();
  const work = new BackgroundWork();
  const [first, second] = [deferred(), deferred()];
  work.track('first', first.promise);
  const ended: string[] = [];
  const waits = [1000, 2000].map((timeoutMs) => work.settled(clock, timeoutMs).then(() => ended.push(`${timeoutMs}`)));
  work.track('second', second.promise);
  first.resolve();
  await clock.advance(10);
  expect(ended).toEqual([]);
  second.reject(new Error('broken'));
  await Promise.all(waits);
  expect([ended, clock.pending]).toEqual([['1000', '2000'], 0]);
});

test('waiting ends in time, with the names of what is left', async () => {
  const clock = fakeClock();
  const work = new BackgroundWork();
  work.track('stuck', new Promise(() => undefined));
  let ended = false;
  const waiting = work.settled(clock, 1000).then(() => {
    ended = true;
  });
  await clock.advance(999);
  expect(ended).toBe(false);
  await clock.advance(1);
  await waiting;
  expect([work.pending, clock.pending]).toEqual([['stuck'], 0]);
});

test('nothing running is nothing to wait for', async () => {
  const clock = fakeClock();
  await new BackgroundWork().settled(clock, 1000);
  expect(clock.pending).toBe(0);
});
