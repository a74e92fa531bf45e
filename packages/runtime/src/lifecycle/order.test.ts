import type { Lifecycle } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

// Go: the completed hooks of the root race with the return of Run, and the hard context is cancelled before them. Here the order is one, to the end.
test('G11: one life is in order: started hooks, body, children, cleanups from last to first, signal, completed hooks, done', async () => {
  using traces = recordTraces();
  const order: string[] = [];
  const child = gate();
  const handle = traces.runtime().lifecycle(
    'app',
    (l) => {
      order.push('body');
      l.signal.addEventListener('abort', () => order.push('signal'));
      l.defer(() => order.push('first cleanup'));
      l.defer(async () => {
        await Promise.resolve();
        order.push('second cleanup', l.signal.aborted ? 'aborted' : 'not aborted');
      });
      l.fork('child', async (c) => {
        c.defer(() => order.push('cleanup of the child'));
        await child.passed;
        order.push('child');
      });
    },
    {
      onStarted: async ({ path }) => {
        await Promise.resolve();
        order.push(`started ${path}`);
      },
      onCompleted: async ({ path }, { status }) => {
        await Promise.resolve();
        order.push(`completed ${path} ${status}`);
      },
    },
  );
  void handle.done.then(() => order.push('done'));
  setImmediate(child.open);
  await expect(handle.done).resolves.toEqual({ status: 'ok', failures: [], stuck: [] });
  expect(order).toEqual([
    'started app',
    'body',
    'started app/child',
    'child',
    'cleanup of the child',
    'completed app/child ok',
    'second cleanup',
    'not aborted',
    'first cleanup',
    'signal',
    'completed app ok',
    'done',
  ]);
});

test('a body is called at once, and what it gives is waited for', async () => {
  using traces = recordTraces();
  const work = gate();
  let called = false;
  const handle = traces.runtime().lifecycle('app', () => {
    called = true;
    return work.passed;
  });
  expect(called).toBe(true);
  expect(handle).toMatchObject({ name: 'app', path: 'app' });
  expect(handle.waitingFor()).toEqual(['body']);
  work.open();
  await expect(handle.done).resolves.toMatchObject({ status: 'ok' });
  expect(handle.waitingFor()).toEqual([]);
});

test('hooks that throw or reject are reported and change nothing', async () => {
  using traces = recordTraces();
  const fails = (): never => {
    throw new Error('hook');
  };
  const options = { onStarted: fails, onCompleted: () => Promise.reject(new Error('hook')) };
  const handle = traces.runtime().lifecycle('app', (l) => l.run('work', () => 1), options);
  await expect(handle.done).resolves.toEqual({ status: 'ok', failures: [], stuck: [] });
  expect(traces.render()).toBe('work  service service');
});

test('hooks are inherited by forks, those of the lifecycle above first', async () => {
  using traces = recordTraces();
  const calls: string[] = [];
  const handle = traces.runtime().lifecycle(
    'app',
    (l) => {
      l.fork('child', () => 1, {
        onStarted: ({ path }) => calls.push(`own ${path}`),
        onCompleted: ({ path }) => calls.push(`own end ${path}`),
      });
    },
    { onStarted: ({ path }) => calls.push(`app's ${path}`), onCompleted: ({ path }) => calls.push(`app's end ${path}`) },
  );
  await handle.done;
  expect(calls).toEqual(["app's app", "app's app/child", 'own app/child', "app's end app/child", 'own end app/child', "app's end app"]);
});

test('hooks may run operations, before the body and after the cleanups', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const options = {
    onStarted: () => runtime.run('announce', () => 1),
    onCompleted: () => runtime.run('count', () => 1),
  };
  await runtime.lifecycle('app', () => 1, options).done;
  expect(traces.spans.map(({ name, attributes }) => [name, attributes['component.path']])).toEqual([
    ['announce', 'app'],
    ['count', 'app'],
  ]);
});

// Go: the wait for children is without end and nobody can see for whom. Here it can be asked at any time.
test('a body that returns leaves its children alone; the lifecycle waits for them and tells for whom', async () => {
  using traces = recordTraces();
  const [body, left, right, late] = [gate(), gate(), gate(), gate()];
  let cleanup = gate();
  const handle = traces.runtime().lifecycle('app', async (l) => {
    l.fork('left', () => left.passed);
    l.fork('right', (r) => r.run('load', () => right.passed));
    void l.run('load', () => late.passed);
    l.defer(() => cleanup.passed);
    l.defer(() => cleanup.passed);
    await body.passed;
  });
  expect(handle.waitingFor()).toEqual(['body', 'app/left', 'app/right', 'load']);
  body.open();
  await new Promise(setImmediate);
  expect(handle.waitingFor()).toEqual(['app/left', 'app/right', 'load']);
  left.open();
  late.open();
  await new Promise(setImmediate);
  expect(handle.waitingFor()).toEqual(['app/right']);
  right.open();
  await new Promise(setImmediate);
  expect(handle.waitingFor()).toEqual(['cleanup 1 of 2']);
  const first = cleanup;
  cleanup = gate();
  first.open();
  await new Promise(setImmediate);
  expect(handle.waitingFor()).toEqual(['cleanup 2 of 2']);
  cleanup.open();
  await expect(handle.done).resolves.toMatchObject({ status: 'ok' });
});

test('G1: work that a body started and did not await is waited for, before the cleanups', async () => {
  using traces = recordTraces();
  const work = gate();
  const order: string[] = [];
  const handle = traces.runtime().lifecycle('app', (l) => {
    void l.run('floating', () => work.passed).then(() => order.push('work'));
    l.defer(() => order.push('cleanup'));
  });
  setImmediate(work.open);
  await expect(handle.done).resolves.toEqual({ status: 'ok', failures: [], stuck: [] });
  expect(order).toEqual(['work', 'cleanup']);
  expect(traces.find('floating')).toMatchObject({ ends: 1, status: { code: 'UNSET' } });
});

test.each([
  ['returns', (): unknown => 1],
  ['stops', (l: Lifecycle): unknown => aborted(l.stopping)],
  ['is terminated', (l: Lifecycle): unknown => aborted(l.signal)],
  [
    'fails',
    (): never => {
      throw new Error('no');
    },
  ],
])('G1: R6: when the lifecycle %s, every span has ended as soon as done resolves', async (how, last) => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const handle = runtime.lifecycle('app', async (l) => {
    l.defer(({ scope }) => scope.run('close', () => 1));
    l.fork('worker', (w) =>
      w.run('work', ({ signal }) => (how === 'returns' ? undefined : aborted(how === 'stops' ? w.stopping : signal))),
    );
    await l.run('start', () => 1);
    await last(l);
  });
  await new Promise(setImmediate);
  if (how === 'stops') void handle.stop();
  if (how === 'is terminated') handle.terminate();
  const outcome = await handle.done;
  expect(traces.open).toEqual([]);
  expect(traces.spans.map(({ ends }) => ends)).toEqual([1, 1, 1, 1]);
  expect(outcome.status).toBe({ returns: 'ok', stops: 'stopped', 'is terminated': 'terminated', fails: 'failed' }[how]);
});

test('a lifecycle needs a name without a slash; the same name twice is two lifecycles', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime({ clock: fakeClock() });
  for (const name of ['', 'a/b', 7 as unknown as string])
    expect(() => runtime.lifecycle(name, () => 1)).toThrow(
      expect.objectContaining({ code: 'TW_BAD_OPTION', data: expect.objectContaining({ option: 'name' }) }),
    );
  const handle = runtime.lifecycle('app', (l) => {
    const [one, other] = [l.fork('worker', (w) => aborted(w.stopping)), l.fork('worker', (w) => aborted(w.stopping))];
    expect(one).not.toBe(other);
    expect([one.path, other.path]).toEqual(['app/worker', 'app/worker']);
    void one.stop({ timeoutMs: 0 });
    void other.stop({ timeoutMs: 0 });
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'ok' });
});

test.each([
  [{ drainTimeoutMs: 0 }, 'drainTimeoutMs'],
  [{ cleanupTimeoutMs: -1 }, 'cleanupTimeoutMs'],
  [{ signal: {} as AbortSignal }, 'signal'],
  [{ stopping: {} as AbortSignal }, 'stopping'],
  [{ as: { id: 'ada' } as never }, 'as'],
  [{ identity: 'none' as never }, 'identity'],
  [{ onStarted: 1 as never }, 'onStarted'],
  [{ onCompleted: 1 as never }, 'onCompleted'],
  [{ onFailure: 'fail' } as never, 'options.onFailure'],
])('wrong options are refused when they are given: %o', (options, option) => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  expect(() => runtime.lifecycle('app', () => 1, options)).toThrow(
    expect.objectContaining({ code: 'TW_BAD_OPTION', data: expect.objectContaining({ option }) }),
  );
  expect(() => runtime.lifecycle('app', undefined as never)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
});

test('after the end, neither an operation nor a stream can be started in a lifecycle', async () => {
  using traces = recordTraces();
  const lives: Lifecycle[] = [];
  const handle = traces.runtime().lifecycle('app', (l) => void lives.push(l));
  await handle.done;
  const refused = expect.objectContaining({ code: 'TW_SCOPE_ENDED', data: { operation: 'late', scope: 'app' } });
  for (const l of lives) {
    await expect(l.run('late', () => 1)).rejects.toEqual(refused);
    for (const operation of ['late', { name: 'late' }]) expect(() => l.stream(operation, () => [1])).toThrow(refused);
  }
  expect([lives.length, traces.spans]).toEqual([1, []]);
});
