import type { LifecycleHandle } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const hang = (): Promise<never> => new Promise(() => undefined);

const ends: [string, (handle: LifecycleHandle) => unknown][] = [
  ['a terminate', (handle) => handle.terminate()],
  ['the drain deadline of a stop', (handle) => handle.stop({ timeoutMs: 0 })],
];

test.each(ends)('%s ends the wait for a started hook that hangs, and the body is not called', async (_, end) => {
  using traces = recordTraces();
  const clock = fakeClock();
  const body = (): never => {
    throw new Error('called');
  };
  const handle = traces.runtime({ clock }).lifecycle('app', body, { drainTimeoutMs: 100, onStarted: hang });
  await clock.advance(5000);
  expect(handle.waitingFor()).toEqual(['onStarted']);
  end(handle);
  await clock.advance(100);
  await expect(handle.done).resolves.toMatchObject({ status: 'terminated' });
  expect(clock.pending).toBe(0);
});

test.each([
  ['ended by itself', (): void => undefined],
  ['was terminated before', (handle: LifecycleHandle): void => handle.terminate()],
])('a completed hook that hangs is given up by a terminate, where the lifecycle %s', async (_, before) => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', () => 1, { onCompleted: hang });
  before(handle);
  await clock.advance(5000);
  expect(handle.waitingFor()).toEqual(['onCompleted']);
  handle.terminate();
  await expect(handle.done).resolves.toMatchObject({ stuck: [] });
});

test('a completed hook that hangs in a child is given up when the lifecycle above is terminated', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', (l) => l.fork('child', () => 1, { onCompleted: hang }));
  await new Promise(setImmediate);
  handle.terminate();
  await expect(handle.done).resolves.toMatchObject({ status: 'terminated' });
});

test('a completed hook has as long as the drain deadline', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', () => 1, { drainTimeoutMs: 100, onCompleted: hang });
  await clock.advance(99);
  expect(handle.waitingFor()).toEqual(['onCompleted']);
  await clock.advance(1);
  await expect(handle.done).resolves.toMatchObject({ status: 'ok' });
  expect(clock.pending).toBe(0);
});
