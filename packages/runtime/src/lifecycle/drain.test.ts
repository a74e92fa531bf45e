import { diag } from '@opentelemetry/api';
import type { Lifecycle, LifecycleHandle } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const hang = (): Promise<never> => new Promise(() => undefined);

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

// Go: a parent waits for ever for a child that does not end.
test('G11: what does not end within the drain deadline is terminated and named; the rest of the end stays in order', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const order: string[] = [];
  const handle = traces.runtime({ clock }).lifecycle(
    'app',
    (l) => {
      l.defer(() => order.push('cleanup'));
      l.fork('child', async (c) => {
        c.defer(() => order.push('cleanup of the child'));
        await aborted(c.signal);
        order.push('child');
      });
      void l.run('work', ({ signal }) => aborted(signal).then(() => Promise.reject(signal.reason))).catch(() => order.push('work'));
    },
    { drainTimeoutMs: 300 },
  );
  void handle.stop();
  await clock.advance(299);
  expect(order).toEqual([]);
  await clock.advance(1);
  await expect(handle.done).resolves.toEqual({
    status: 'terminated',
    reason: expect.objectContaining({
      code: 'TW_CANCELLED',
      data: { by: 'shutdown' },
      cause: expect.objectContaining({ code: 'TW_TIMEOUT' }),
    }),
    failures: [],
    stuck: ['app/child', 'app > work'],
  });
  expect(order.toSorted()).toEqual(['child', 'cleanup', 'cleanup of the child', 'work']);
  expect(order.at(-1)).toBe('cleanup');
  expect(clock.pending).toBe(0);
});

test('G11: what does not even react to its termination is given up a second later, and ended as a straggler', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const order: string[] = [];
  const handle = traces.runtime({ clock }).lifecycle(
    'app',
    (l) => {
      l.defer(() => order.push('cleanup'));
      void l.run('deaf work', hang);
      l.fork('deaf child', (c) => {
        c.defer(() => order.push('cleanup of the child'));
        return hang();
      });
    },
    { drainTimeoutMs: 300 },
  );
  void handle.stop();
  await clock.advance(1299);
  expect(order).toEqual([]);
  await clock.advance(1);
  await expect(handle.done).resolves.toMatchObject({
    status: 'terminated',
    stuck: ['app/deaf child', 'app > deaf work', 'app/deaf child > body'],
  });
  expect(order).toEqual(['cleanup of the child', 'cleanup']);
  expect(traces.find('deaf work').attributes['error.type']).toBe('span_not_ended');
});

test('the drain deadline of a parent does not cut short the cleanups of its children: those have their own', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const order: string[] = [];
  const handle = traces.runtime({ clock }).lifecycle(
    'app',
    (l) => {
      l.defer(() => order.push('cleanup'));
      l.fork('child', async (c) => {
        c.defer(async ({ signal }) => {
          await clock.sleep(5000, { signal });
          order.push('cleanup of the child');
        });
        await aborted(c.signal);
      });
    },
    { drainTimeoutMs: 300 },
  );
  void handle.stop();
  await clock.advance(5299);
  expect([order, handle.waitingFor()]).toEqual([[], ['app/child']]);
  await clock.advance(1);
  await expect(handle.done).resolves.toMatchObject({ status: 'terminated', failures: [], stuck: ['app/child'] });
  expect(order).toEqual(['cleanup of the child', 'cleanup']);
});

test('a body that returns starts no deadline: what it has forked runs for as long as it likes', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const body = (l: Lifecycle): void => {
    l.fork('server', (server) => aborted(server.grace));
    void l.run('work', () => clock.sleep(50_000));
  };
  const handle = traces.runtime({ clock }).lifecycle('app', body, { drainTimeoutMs: 300 });
  await clock.advance(3_600_000);
  expect(handle.waitingFor()).toEqual(['app/server']);
  void handle.stop();
  await expect(handle.done).resolves.toMatchObject({ status: 'stopped', stuck: [] });
  expect(clock.pending).toBe(0);
});

test('the drain deadline counts from a failure', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const error = new Error('no');
  const body = (l: Lifecycle): never => {
    l.fork('deaf', hang);
    throw error;
  };
  const handle = traces.runtime({ clock }).lifecycle('app', body, { drainTimeoutMs: 300 });
  await clock.advance(1299);
  expect(handle.waitingFor()).toEqual(['app/deaf']);
  await clock.advance(1);
  await expect(handle.done).resolves.toMatchObject({ status: 'failed', error, stuck: ['app/deaf', 'app/deaf > body'] });
});

test.each([
  ['a stop', (handle: LifecycleHandle) => void handle.stop()],
  ['a terminate', (handle: LifecycleHandle) => handle.terminate()],
])('the drain deadline counts from %s where the body has not returned', async (_, end) => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', hang, { drainTimeoutMs: 300 });
  await clock.advance(5000);
  end(handle);
  await clock.advance(1299);
  expect(handle.waitingFor()).toEqual(['body']);
  await clock.advance(1);
  await expect(handle.done).resolves.toMatchObject({ status: 'terminated', stuck: ['app > body'] });
  expect(clock.pending).toBe(0);
});

test('an end within the deadline leaves no timer and no mark', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', () => clock.sleep(299), { drainTimeoutMs: 300 });
  void handle.stop();
  await clock.advance(299);
  await expect(handle.done).resolves.toMatchObject({ status: 'stopped', stuck: [] });
  expect(clock.pending).toBe(0);
});

test('a body that was given up and fails later changes nothing any more, and is reported', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  let fail: (error: Error) => void = () => undefined;
  const body = (): Promise<never> =>
    new Promise((_, reject) => {
      fail = reject;
    });
  const handle = traces.runtime({ clock }).lifecycle('app', body, { drainTimeoutMs: 10 });
  handle.terminate();
  await clock.advance(1010);
  const outcome = await handle.done;
  const warnings: string[] = [];
  const ignore = (): void => undefined;
  diag.setLogger({ warn: (text) => warnings.push(text), error: ignore, info: ignore, debug: ignore, verbose: ignore });
  fail(new Error('late'));
  await clock.advance(0);
  diag.disable();
  expect(outcome).toMatchObject({ status: 'terminated', failures: [] });
  expect(warnings).toEqual(['tracewright: the body of app failed after it had been given up']);
});

test('G11: closing the runtime stops lifecycles politely, and starts no new ones', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const order: string[] = [];
  const handle = runtime.lifecycle('app', async (l) => {
    l.defer(({ scope }) => scope.run('close', () => order.push('cleanup')));
    await aborted(l.stopping);
    expect(l.signal.aborted).toBe(false);
    await l.run('last work', () => order.push('work'));
  });
  const closing = runtime.close();
  expect(() => runtime.lifecycle('late', () => 1)).toThrow(
    expect.objectContaining({ code: 'TW_RUNTIME_CLOSED', data: { operation: 'late' } }),
  );
  await expect(closing).resolves.toEqual({ running: 1, cancelled: [], stuck: [] });
  await expect(handle.done).resolves.toMatchObject({ status: 'stopped', failures: [] });
  expect(order).toEqual(['work', 'cleanup']);
  expect(clock.pending).toBe(0);
});

test('G11: closing terminates lifecycles that do not stop, gives up what does not react, and names both', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const order: string[] = [];
  const polite = runtime.lifecycle('deaf to stopping', async (l) => {
    l.defer(() => order.push('cleanup of the polite one'));
    await aborted(l.signal);
  });
  const deaf = runtime.lifecycle('deaf', (l) => {
    l.defer(() => order.push('cleanup of the deaf one'));
    l.fork('child', (c) => {
      c.defer(() => order.push('cleanup of its child'));
      return c.run('work', hang);
    });
    return hang();
  });
  const closing = runtime.close({ timeoutMs: 500, graceMs: 50 });
  await clock.advance(550);
  await expect(closing).resolves.toEqual({
    running: 2,
    cancelled: ['deaf to stopping', 'deaf > child > work'],
    stuck: ['deaf > child > work'],
  });
  expect(traces.open).toEqual([]);
  await expect(polite.done).resolves.toMatchObject({
    status: 'terminated',
    reason: { code: 'TW_CANCELLED', data: { by: 'shutdown' } },
    stuck: [],
  });
  await expect(deaf.done).resolves.toMatchObject({
    status: 'terminated',
    stuck: ['deaf > body', 'deaf/child > body', 'deaf/child > work'],
  });
  expect(order).toEqual(['cleanup of the polite one', 'cleanup of its child', 'cleanup of the deaf one']);
  expect(traces.find('work').attributes['error.type']).toBe('span_not_ended');
});

test('G11: a cleanup that runs when the runtime gives up is told so, and those before it still run', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const order: unknown[] = [];
  const handle = runtime.lifecycle('app', async (l: Lifecycle) => {
    l.defer(() => order.push('first'));
    l.defer(async ({ signal }) => {
      await aborted(signal);
      order.push(signal.reason.code);
    });
    await aborted(l.stopping);
  });
  const closing = runtime.close({ timeoutMs: 500, graceMs: 50 });
  await clock.advance(550);
  await expect(closing).resolves.toMatchObject({ stuck: ['app > app.cleanup'] });
  await expect(handle.done).resolves.toMatchObject({ status: 'stopped', stuck: ['app > cleanup 1 of 2'] });
  expect(order).toEqual(['TW_CANCELLED', 'first']);
  expect(traces.find('app.cleanup').attributes['error.type']).toBe('span_not_ended');
  expect(clock.pending).toBe(0);
});

test('G11: a completed hook that hangs is given up when the runtime closes, and cleanups that have ended are not cancelled for it', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  let cleanup: AbortSignal | undefined;
  const body = (l: Lifecycle): void =>
    l.defer(({ signal }) => {
      cleanup = signal;
    });
  const handle = runtime.lifecycle('app', body, { onCompleted: hang });
  await clock.advance(1000);
  expect(handle.waitingFor()).toEqual(['onCompleted']);
  const closing = runtime.close({ timeoutMs: 500, graceMs: 50 });
  await clock.advance(550);
  await expect(closing).resolves.toEqual({ running: 1, cancelled: ['app'], stuck: [] });
  await expect(handle.done).resolves.toMatchObject({ status: 'ok', stuck: [] });
  expect(cleanup?.aborted).toBe(false);
});
