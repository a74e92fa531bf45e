/* oxlint-disable unicorn/no-thenable -- `then` is the name of the option, and it is no function */
import { getEventListeners } from 'node:events';
import { currentScope, type Lifecycle, type LifecycleHandle } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const thrown = (signal: AbortSignal): Promise<never> =>
  aborted(signal).then(() => {
    throw signal.reason;
  });

const signalsOf = (l: Lifecycle): unknown => ({
  signal: l.signal.aborted,
  stopping: l.stopping.aborted,
  grace: l.grace.aborted,
  running: l.running,
});

test('a stop aborts stopping and grace here and below, not the signal, and resolves true when all has ended', async () => {
  using traces = recordTraces();
  const seen: unknown[] = [];
  const handle = traces.runtime().lifecycle('app', async (l) => {
    l.fork('child', async (c) => {
      await aborted(c.grace);
      seen.push(c.path, signalsOf(c));
    });
    seen.push(signalsOf(l));
    await aborted(l.stopping);
    seen.push(l.path, signalsOf(l), l.stopping.reason === l.grace.reason);
  });
  await expect(handle.stop()).resolves.toBe(true);
  const outcome = await handle.done;
  expect(outcome).toEqual({
    status: 'stopped',
    reason: expect.objectContaining({ code: 'TW_CANCELLED', data: { by: 'shutdown' } }),
    failures: [],
    stuck: [],
  });
  const stopping = { signal: false, stopping: true, grace: true, running: false };
  expect(seen).toEqual([{ signal: false, stopping: false, grace: false, running: true }, 'app', stopping, true, 'app/child', stopping]);
});

test('stopping again, by many, is one stop; each waits as long as it likes', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', async (l) => {
    await aborted(l.stopping);
    await l.scope.clock.sleep(100);
  });
  const results = [handle.stop({ timeoutMs: 0 }), handle.stop({ timeoutMs: 50 }), handle.stop({ timeoutMs: 150 }), handle.stop()];
  await clock.advance(49);
  expect(clock.pending).toBe(3);
  await clock.advance(51);
  await expect(Promise.all(results)).resolves.toEqual([false, false, true, true]);
  await expect(handle.stop({ timeoutMs: 1 })).resolves.toBe(true);
  expect(clock.pending).toBe(0);
});

// Go: Stop does not escalate; who wants that writes it by hand.
test('a stop with then: terminate ends what does not end in time', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => l.run('deaf to stopping', ({ signal }) => thrown(signal)));
  const stopped = handle.stop({ timeoutMs: 500, then: 'terminate' });
  await clock.advance(499);
  expect(traces.open.length).toBe(1);
  await clock.advance(1);
  await expect(stopped).resolves.toBe(false);
  await expect(handle.done).resolves.toMatchObject({
    status: 'terminated',
    reason: { code: 'TW_CANCELLED', cause: { code: 'TW_TIMEOUT', data: { timeoutMs: 500, lifecycle: 'app' } } },
  });
});

test('wrong options of a stop are refused, and nothing is stopped', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', (l) => aborted(l.stopping));
  for (const options of [
    { timeoutMs: -1 },
    { timeoutMs: Number.POSITIVE_INFINITY },
    { then: 'terminate' },
    { timeoutMs: 1, then: 'kill' },
    { timeout: 1 },
  ])
    await expect(handle.stop(options as never)).rejects.toMatchObject({ code: 'TW_BAD_OPTION' });
  expect(handle.waitingFor()).toEqual(['body']);
  await handle.stop();
});

// Go: Stop from the body itself can only time out. Here it is refused where it would wait.
test.each([
  ['its own body', (_: Lifecycle, stop: () => unknown) => stop()],
  ['an operation in it', (l: Lifecycle, stop: () => unknown) => l.run('admin', stop)],
  ['detached work in it', (l: Lifecycle, stop: () => unknown) => l.run('admin', (scope) => scope.detach().run('later', stop))],
  ['a fork below', (l: Lifecycle, stop: () => unknown) => l.fork('child', (c) => c.fork('grandchild', stop)).done],
  ['a cleanup', (l: Lifecycle, stop: () => unknown) => l.defer(stop)],
])('a stop from %s only asks, and refuses to wait for itself', async (_, place) => {
  using traces = recordTraces();
  const results: unknown[] = [];
  const handle = traces.runtime().lifecycle('app', async (l) => {
    await place(l, async () => {
      await expect(l.stop({ timeoutMs: 10 })).rejects.toMatchObject({ code: 'TW_LIFECYCLE_STATE', data: { lifecycle: 'app' } });
      results.push(l.stopping.aborted, await l.stop(), l.stopping.aborted, await l.stop({ timeoutMs: 0 }));
    });
  });
  await handle.done;
  expect(results).toEqual([false, false, true, false]);
});

test('a lifecycle may wait for its child, its sibling, and one that it started as a root', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const idle = (l: Lifecycle): Promise<void> => aborted(l.stopping);
  const handle = runtime.lifecycle('app', async (l) => {
    const sibling = l.fork('sibling', idle);
    await expect(l.fork('child', idle).stop({ timeoutMs: 1000 })).resolves.toBe(true);
    await l.fork('stopper', () => expect(sibling.stop()).resolves.toBe(true)).done;
    await expect(runtime.lifecycle('other', idle).stop()).resolves.toBe(true);
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'ok', failures: [] });
});

test('what an ended lifecycle left behind may wait for others', async () => {
  using traces = recordTraces();
  let leftBehind: Promise<boolean> | undefined;
  const handle = traces.runtime().lifecycle('app', async (l) => {
    await l.fork('child', () => {
      setImmediate(() => {
        leftBehind = handle.stop({ timeoutMs: 1000 });
      });
    }).done;
    await aborted(l.stopping);
  });
  await handle.done;
  await expect(leftBehind).resolves.toBe(true);
});

// Go: a loop over Continue spins after Terminate, as that only looks at stopping. Here `running` is false in all cases.
test.each([
  ['stopped', { signal: false, stopping: true, grace: true, running: false }],
  ['terminated', { signal: true, stopping: false, grace: true, running: false }],
  ['failed', { signal: true, stopping: false, grace: true, running: false }],
  ['terminated from above', { signal: true, stopping: false, grace: true, running: false }],
])('after a lifecycle was %s, its signals say so', async (how, expected) => {
  using traces = recordTraces();
  const above = new AbortController();
  let life: Lifecycle | undefined;
  const handle = traces.runtime().lifecycle(
    'app',
    (l) => {
      life = l;
      return aborted(l.grace);
    },
    { signal: above.signal },
  );
  if (how === 'stopped') void handle.stop();
  else if (how === 'terminated') handle.terminate();
  else if (how === 'failed') expect(() => life?.fatal(new Error('no'))).toThrow('app failed');
  else above.abort();
  expect(life && signalsOf(life)).toEqual(expected);
  await handle.done;
  expect(life && signalsOf(life)).toMatchObject({ signal: true, running: false, stopping: expected.stopping });
});

test('terminating aborts the signal here and below, with the reason as cause; operations say who cancelled them', async () => {
  using traces = recordTraces();
  const reason = new Error('out of memory');
  const handle = traces.runtime().lifecycle('app', async (l) => {
    const child = l.fork('child', (c) => c.run('work of the child', ({ signal }) => thrown(signal)));
    await l.run('work', ({ signal }) => thrown(signal)).catch(() => undefined);
    await expect(child.done).resolves.toMatchObject({ status: 'terminated', reason: { code: 'TW_CANCELLED', cause: reason } });
  });
  handle.terminate(reason);
  handle.terminate('again');
  const outcome = await handle.done;
  expect(outcome).toEqual({
    status: 'terminated',
    reason: expect.objectContaining({ code: 'TW_CANCELLED', data: { by: 'shutdown' }, cause: reason }),
    failures: [],
    stuck: [],
  });
  for (const { status, attributes } of traces.spans)
    expect([status.code, attributes['tracewright.cancelled_by']]).toEqual(['ERROR', 'shutdown']);
  expect(traces.spans.length).toBe(2);
  handle.terminate('after the end');
});

test('signals from outside stop and terminate; nothing is left on them', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  for (const option of ['stopping', 'signal'] as const) {
    const outside = new AbortController();
    const handle = runtime.lifecycle('app', (l) => aborted(l.grace), { [option]: outside.signal });
    expect(getEventListeners(outside.signal, 'abort').length).toBe(1);
    outside.abort('enough');
    await expect(handle.done).resolves.toMatchObject({ status: option === 'stopping' ? 'stopped' : 'terminated', reason: 'enough' });
    expect(getEventListeners(outside.signal, 'abort')).toEqual([]);
  }
});

test('a lifecycle whose signal has aborted before it begins never calls its body', async () => {
  using traces = recordTraces();
  const order: string[] = [];
  const handle = traces.runtime().lifecycle('app', () => order.push('body'), {
    signal: AbortSignal.abort('too late'),
    onStarted: () => order.push('started'),
    onCompleted: () => order.push('completed'),
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'terminated', reason: 'too late' });
  expect(order).toEqual(['started', 'completed']);
});

test('G5: what listens to the signals of a lifecycle runs in its scope, whoever aborts', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const seen: unknown[] = [];
  const listen = (l: Lifecycle): Promise<void> => {
    for (const signal of [l.stopping, l.grace, l.signal])
      signal.addEventListener('abort', () => seen.push(currentScope()?.identity['component.path'], currentScope()?.spanContext.spanId));
    return aborted(l.signal);
  };
  let handle: LifecycleHandle | undefined;
  await runtime.run('start', () => {
    handle = runtime.lifecycle('app', (l) => {
      l.fork('child', listen);
      return aborted(l.signal);
    });
  });
  await runtime.run('admin', async () => {
    await handle?.stop({ timeoutMs: 0 });
    handle?.terminate();
  });
  await handle?.done;
  const noSpan = '0000000000000000';
  expect(seen).toEqual(['app/child', noSpan, 'app/child', noSpan, 'app/child', noSpan]);
});
