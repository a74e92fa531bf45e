import { context } from '@opentelemetry/api';
import type { Lifecycle, LifecycleHandle } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { beforeAll, expect, test } from 'vitest';

// Each test file has a process with globals of its own.
beforeAll(() => context.disable());

test('without a context manager, lifecycles work by what is handed on: operations are roots, in order, with identity', async () => {
  using traces = recordTraces();
  const order: string[] = [];
  const handle = traces.runtime().lifecycle('app', async (l) => {
    l.defer(({ scope }) => scope.run('close', () => order.push('close')));
    l.fork('child', (c) => c.run('work', (scope) => scope.run('below', () => order.push('work'))));
    await l.run('start', () => order.push('start'));
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'ok' });
  expect(order).toEqual(['work', 'start', 'close']);
  expect(traces.render({ attributes: ['component.path'] })).toMatchInlineSnapshot(`
    "work  service service
    │  component.path = "app/child"
    └─ below
          component.path = "app/child"

    start  service service
       component.path = "app"

    app.cleanup  service service
    │  component.path = "app"
    └─ close
          component.path = "app""
  `);
});

test('without a context manager, a body that stops its lifecycle does not wait for itself', async () => {
  using traces = recordTraces();
  const results: unknown[] = [];
  const handle = traces.runtime().lifecycle('app', async (l: Lifecycle) => {
    results.push(await l.stop(), l.stopping.aborted);
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'stopped' });
  expect(results).toEqual([false, true]);
});

test('without a context manager, a hook that stops its lifecycle does not wait for itself', async () => {
  using traces = recordTraces();
  const results: unknown[] = [];
  const stop = async (handle: LifecycleHandle): Promise<void> => void results.push(await handle.stop());
  const handle = traces.runtime().lifecycle('app', (l: Lifecycle) => void results.push(l.running), { onStarted: stop, onCompleted: stop });
  await expect(handle.done).resolves.toMatchObject({ status: 'stopped' });
  expect(results).toEqual([false, false, false]);
});

test('without a context manager, a wait that has an end is waited for', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const results: unknown[] = [];
  const handle = traces.runtime({ clock }).lifecycle('app', async (l: Lifecycle) => {
    results.push(await l.stop({ timeoutMs: 10 }));
  });
  await clock.advance(10);
  await expect(handle.done).resolves.toMatchObject({ status: 'stopped' });
  expect(results).toEqual([false]);
});
