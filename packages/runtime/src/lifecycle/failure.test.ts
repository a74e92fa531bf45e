import { type Lifecycle, type LifecycleBody, type Outcome, TracewrightError } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
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

async function throwsAfter(signal: AbortSignal, makeError: () => Error): Promise<never> {
  await aborted(signal);
  throw makeError();
}

// Go: a panic waits for uncancelled children, which can hide it for ever, and the process may still exit with 0.
test('G6: a body that throws fails the lifecycle at once: its children are terminated and waited for, its cleanups run', async () => {
  using traces = recordTraces();
  const error = new Error('no');
  const order: unknown[] = [];
  const handle = traces.runtime().lifecycle('app', async (l) => {
    l.defer(({ signal }) => order.push('cleanup', l.signal.aborted, signal.aborted));
    const child = l.fork('child', (c) => c.run('work', ({ signal }) => thrown(signal)));
    void child.done.then(({ status, reason }) => order.push(status, reason));
    l.signal.addEventListener('abort', () => order.push('signal'));
    await Promise.resolve();
    throw error;
  });
  await expect(handle.done).resolves.toEqual({ status: 'failed', error, failures: [], stuck: [] });
  const failed = expect.objectContaining({ code: 'TW_LIFECYCLE_FAILED', cause: error, data: { lifecycle: 'app' } });
  expect(order).toEqual(['signal', 'terminated', failed, 'cleanup', true, false]);
  expect(traces.find('work').attributes['tracewright.cancelled_by']).toBe('shutdown');
});

test('a body that throws at once fails, and whoever started it gets a handle', async () => {
  using traces = recordTraces();
  const error = new TypeError('no');
  const handle = traces.runtime().lifecycle('app', () => {
    throw error;
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'failed', error });
});

const endings: { how: 'stop' | 'terminate'; throws: string; status: Outcome['status']; body: LifecycleBody }[] = [
  { how: 'stop', throws: 'the reason of stopping', status: 'stopped', body: (l) => thrown(l.stopping) },
  { how: 'stop', throws: 'the reason of grace', status: 'stopped', body: (l) => thrown(l.grace) },
  {
    how: 'stop',
    throws: 'an error that wraps it',
    status: 'stopped',
    body: (l) => throwsAfter(l.stopping, () => new Error('left', { cause: l.stopping.reason })),
  },
  {
    how: 'stop',
    throws: 'an AbortError',
    status: 'stopped',
    body: (l) => throwsAfter(l.stopping, () => new DOMException('', 'AbortError')),
  },
  { how: 'stop', throws: 'an error of its own', status: 'failed', body: (l) => throwsAfter(l.stopping, () => new Error('own')) },
  {
    how: 'stop',
    throws: 'a time-out of something in it',
    status: 'failed',
    body: (l) => throwsAfter(l.stopping, () => new TracewrightError('TW_TIMEOUT', 'too slow')),
  },
  { how: 'terminate', throws: 'the reason of its signal', status: 'terminated', body: (l) => thrown(l.signal) },
  {
    how: 'terminate',
    throws: 'a refused operation',
    status: 'terminated',
    body: (l) => aborted(l.signal).then(() => l.run('late', () => 1)),
  },
  { how: 'terminate', throws: 'an error of its own', status: 'failed', body: (l) => throwsAfter(l.signal, () => new Error('own')) },
];

test.each(endings)('G6: after a $how, a body that throws $throws is $status', async ({ how, status, body }) => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', body);
  if (how === 'stop') void handle.stop();
  else handle.terminate();
  await expect(handle.done).resolves.toMatchObject({ status });
});

test('a body that throws somebody else’s cancellation while it runs has failed', async () => {
  using traces = recordTraces();
  const client = AbortSignal.abort();
  const handle = traces.runtime().lifecycle('app', (l) => l.run('call', () => 1, { signal: client }));
  await expect(handle.done).resolves.toMatchObject({ status: 'failed', error: { code: 'TW_CANCELLED', data: { by: 'client' } } });
});

test('R12: nothing runs after fatal, three frames deep too', async () => {
  using traces = recordTraces();
  const error = new Error('corrupt');
  let after = false;
  const deepest = (l: Lifecycle): void => {
    l.fatal(error);
    after = true;
  };
  const deeper = async (l: Lifecycle): Promise<void> => {
    await Promise.resolve();
    deepest(l);
    after = true;
  };
  const handle = traces.runtime().lifecycle('app', async (l) => {
    await deeper(l);
    after = true;
  });
  await expect(handle.done).resolves.toEqual({ status: 'failed', error, failures: [], stuck: [] });
  expect(after).toBe(false);
});

test('R12: a body that swallows what fatal throws has failed all the same, with the original error', async () => {
  using traces = recordTraces();
  const error = new Error('corrupt');
  const seen: unknown[] = [];
  const handle = traces.runtime().lifecycle('app', (l) => {
    try {
      l.fatal(error);
    } catch (caught) {
      seen.push(caught, l.signal.aborted, l.running);
    }
  });
  await expect(handle.done).resolves.toEqual({ status: 'failed', error, failures: [], stuck: [] });
  expect(seen).toEqual([expect.objectContaining({ code: 'TW_LIFECYCLE_FAILED', cause: error, data: { lifecycle: 'app' } }), true, false]);
});

test('R12: the first failure is the outcome, later ones are not lost', async () => {
  using traces = recordTraces();
  const [first, second, third] = [new Error('first'), new Error('second'), new Error('third')];
  const handle = traces.runtime().lifecycle('app', async (l) => {
    for (const error of [first, first, second])
      await Promise.resolve()
        .then(() => l.fatal(error))
        .catch(() => undefined);
    throw third;
  });
  await expect(handle.done).resolves.toEqual({
    status: 'failed',
    error: first,
    failures: [
      { path: 'app', error: second },
      { path: 'app', error: third },
    ],
    stuck: [],
  });
});

test('R12: fatal after a terminate is a failure, told once', async () => {
  using traces = recordTraces();
  const error = new Error('corrupt');
  const handle = traces.runtime().lifecycle('app', (l) => {
    l.terminate();
    l.fatal(error);
  });
  await expect(handle.done).resolves.toEqual({ status: 'failed', error, failures: [], stuck: [] });
});

test('fatal from a child, through the lifecycle above, fails that and terminates the child', async () => {
  using traces = recordTraces();
  const error = new Error('corrupt');
  const handle = traces.runtime().lifecycle('app', async (l) => {
    const child = l.fork('child', () => l.fatal(error));
    await expect(child.done).resolves.toMatchObject({ status: 'terminated' });
  });
  await expect(handle.done).resolves.toEqual({ status: 'failed', error, failures: [], stuck: [] });
});

test('fatal in a cleanup fails the lifecycle; after the end it is refused', async () => {
  using traces = recordTraces();
  const error = new Error('late');
  const order: string[] = [];
  let life: Lifecycle | undefined;
  const handle = traces.runtime().lifecycle('app', (l) => {
    life = l;
    l.defer(() => order.push('first'));
    l.defer(() => l.fatal(error));
  });
  const outcome = await handle.done;
  expect(outcome).toMatchObject({
    status: 'failed',
    error,
    failures: [{ path: 'app', during: 'cleanup', error: { code: 'TW_LIFECYCLE_FAILED', cause: error } }],
  });
  expect(order).toEqual(['first']);
  expect(() => life?.fatal(new Error('too late'))).toThrow(
    expect.objectContaining({
      code: 'TW_LIFECYCLE_STATE',
      data: { lifecycle: 'app', state: 'done' },
      message: 'app cannot fail: it is done',
    }),
  );
});
