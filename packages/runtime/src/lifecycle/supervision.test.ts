/* oxlint-disable unicorn/no-thenable -- `then` is the name of the option, and it is no function */
import type { Lifecycle, LifecycleHandle } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const fails = (error: unknown) => (): Promise<never> => Promise.reject(error);

test('a child that fails is isolated: its parent and siblings go on, and the outcome tells of it', async () => {
  using traces = recordTraces();
  const error = new Error('no');
  const handle = traces.runtime().lifecycle('app', async (l) => {
    const sibling = l.fork('sibling', (s) => aborted(s.grace));
    const child = l.fork('child', (c) => c.fork('grandchild', fails(error)).done);
    await expect(child.done).resolves.toEqual({ status: 'ok', failures: [{ path: 'app/child/grandchild', error }], stuck: [] });
    expect([l.running, sibling.waitingFor()]).toEqual([true, ['body']]);
    await sibling.stop();
  });
  await expect(handle.done).resolves.toEqual({ status: 'ok', failures: [{ path: 'app/child/grandchild', error }], stuck: [] });
});

// Go: a child's failure never reaches its parent, and a child's panic kills the process.
test('with the policy fail, the parent fails with the error of the child, and its siblings are terminated', async () => {
  using traces = recordTraces();
  const error = new Error('no');
  let sibling: LifecycleHandle | undefined;
  const handle = traces.runtime().lifecycle('app', async (l) => {
    sibling = l.fork('sibling', (s) => aborted(s.signal));
    l.fork('child', fails(error), { onFailure: 'fail' });
    await aborted(l.signal);
    expect(l.signal.reason).toMatchObject({ code: 'TW_LIFECYCLE_FAILED', cause: error });
  });
  await expect(handle.done).resolves.toEqual({ status: 'failed', error, failures: [{ path: 'app/child', error }], stuck: [] });
  await expect(sibling?.done).resolves.toMatchObject({ status: 'terminated' });
});

test('the policy fail goes up as far as each level asks for it', async () => {
  using traces = recordTraces();
  const error = new Error('no');
  const handle = traces.runtime().lifecycle('a', (a) => {
    a.fork('b', (b) => {
      b.fork('c', fails(error), { onFailure: 'fail' });
    });
  });
  await expect(handle.done).resolves.toMatchObject({
    status: 'ok',
    failures: [
      { path: 'a/b/c', error },
      { path: 'a/b', error },
    ],
  });
});

test('a child that fails is started again after a wait, with the same name and path, until it ends otherwise', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const order: string[] = [];
  const [first, second] = [new Error('first'), new Error('second')];
  const errors = [first, second];
  let child: LifecycleHandle | undefined;
  const options = {
    onFailure: { restart: { maxRestarts: 3, withinMs: 60_000, delayMs: 100 } },
    onStarted: ({ path }: LifecycleHandle) => order.push(`started ${path}`),
    onCompleted: (_: LifecycleHandle, { status }: { status: string }) => order.push(status),
  };
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    child = l.fork(
      'child',
      async (c) => {
        c.defer(() => order.push('cleanup'));
        expect([c.path, c.running]).toEqual(['app/child', true]);
        const error = errors.shift();
        if (error !== undefined) throw error;
      },
      options,
    );
    void child.done.then(() => order.push('done'));
  });
  await clock.advance(49);
  expect([child?.waitingFor(), handle.waitingFor()]).toEqual([['restart'], ['app/child']]);
  await clock.advance(51);
  expect(errors).toEqual([]);
  await clock.advance(200);
  const failures = [
    { path: 'app/child', error: first },
    { path: 'app/child', error: second },
  ];
  await expect(child?.done).resolves.toEqual({ status: 'ok', failures, stuck: [] });
  await expect(handle.done).resolves.toEqual({ status: 'ok', failures, stuck: [] });
  const life = ['started app/child', 'cleanup'];
  expect(order).toEqual([...life, 'failed', ...life, 'failed', ...life, 'ok', 'done']);
});

test('each life has signals of its own, and terminates what the one before left', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const lives: Lifecycle[] = [];
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    l.fork(
      'child',
      (c) => {
        lives.push(c);
        c.fork('grandchild', (g) => aborted(g.signal));
        return lives.length === 1 ? Promise.reject(new Error('no')) : aborted(c.grace);
      },
      { onFailure: { restart: { maxRestarts: 1, withinMs: 1000 } } },
    );
  });
  await clock.advance(100);
  expect(lives.map(({ signal, running }) => [signal.aborted, running])).toEqual([
    [true, false],
    [false, true],
  ]);
  lives[0]?.terminate('a life that is over ends nothing');
  await expect(lives[0]?.stop()).resolves.toBe(true);
  expect(lives[1]?.running).toBe(true);
  handle.terminate();
  await expect(handle.done).resolves.toMatchObject({ status: 'terminated' });
});

const ends: [string, (handle: LifecycleHandle) => unknown][] = [
  ['ok', () => undefined],
  ['stopped', (handle) => handle.stop()],
  ['terminated', (handle) => handle.terminate()],
];

test.each(ends)('a child that is %s is not started again', async (status, end) => {
  using traces = recordTraces();
  const clock = fakeClock();
  let lives = 0;
  const outcomes: string[] = [];
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    const child = l.fork(
      'child',
      (c) => {
        lives += 1;
        return status === 'ok' ? 1 : aborted(c.grace);
      },
      { onFailure: { restart: { maxRestarts: 5, withinMs: 1000 } } },
    );
    end(child);
    void child.done.then((outcome) => outcomes.push(outcome.status));
  });
  await clock.advance(10_000);
  await expect(handle.done).resolves.toMatchObject({ status: 'ok' });
  expect([lives, outcomes]).toEqual([1, [status]]);
});

test.each([
  ['fail', 'failed'],
  ['isolate', 'ok'],
] as const)('more than maxRestarts failures within withinMs are too many: then %s, and the parent is %s', async (then, status) => {
  using traces = recordTraces();
  const clock = fakeClock();
  let lives = 0;
  const body = (): Promise<never> => Promise.reject(new Error(`life ${(lives += 1)}`));
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    l.fork('child', body, { onFailure: { restart: { maxRestarts: 2, withinMs: 1000, delayMs: 10, then } } });
  });
  await clock.advance(30);
  const outcome = await handle.done;
  expect(lives).toBe(3);
  expect(outcome.failures.map(({ error }) => String(error))).toEqual(['Error: life 1', 'Error: life 2', 'Error: life 3']);
  expect([outcome.status, String(outcome.error)]).toEqual([status, status === 'failed' ? 'Error: life 3' : 'undefined']);
});

test('failures that lie further back than withinMs do not count, and the wait begins anew', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  let lives = 0;
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    const body = async (): Promise<void> => {
      lives += 1;
      await clock.sleep(1001);
      throw new Error('no');
    };
    l.fork('child', body, { onFailure: { restart: { maxRestarts: 1, withinMs: 1000, delayMs: 100 } } });
  });
  await clock.advance(11 * 1001 + 10 * 100);
  expect(lives).toBeGreaterThan(10);
  handle.terminate();
  await clock.advance(1001);
  await expect(handle.done).resolves.toMatchObject({ status: 'terminated' });
});

test('waits for a restart do not count: a child that always fails at once always becomes too much', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  let lives = 0;
  const body = (): Promise<never> => Promise.reject(new Error(`life ${(lives += 1)}`));
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    // The last waits alone are longer than `withinMs`.
    l.fork('child', body, { onFailure: { restart: { maxRestarts: 9, withinMs: 30_000 } } });
  });
  await clock.advance(600_000);
  await expect(handle.done).resolves.toMatchObject({ status: 'failed' });
  expect(lives).toBe(10);
});

test('waits double up to maxDelayMs, and lie between the half and the whole', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const startedAt: number[] = [];
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    const body = (): Promise<never> => {
      startedAt.push(clock.monotonic());
      return Promise.reject(new Error('no'));
    };
    l.fork('child', body, { onFailure: { restart: { maxRestarts: 6, withinMs: 60_000, delayMs: 100, maxDelayMs: 500, then: 'isolate' } } });
  });
  await clock.advance(10_000);
  await handle.done;
  const waits = startedAt.slice(1).map((at, index) => at - (startedAt[index] ?? 0));
  for (const [index, fullMs] of [100, 200, 400, 500, 500, 500].entries()) {
    expect(waits[index]).toBeGreaterThanOrEqual(fullMs / 2);
    expect(waits[index]).toBeLessThan(fullMs);
  }
  expect(waits.length).toBe(6);
});

const interruptions: [string, string, (parent: LifecycleHandle, child: LifecycleHandle) => unknown][] = [
  ['a stop of the child', 'stopped', (_, child) => child.stop()],
  ['a stop of the parent', 'stopped', (parent) => parent.stop()],
  ['a terminate of the child', 'terminated', (_, child) => child.terminate()],
  ['a terminate of the parent', 'terminated', (parent) => parent.terminate()],
];

test.each(interruptions)('%s ends the wait for a restart', async (_, status, end) => {
  using traces = recordTraces();
  const clock = fakeClock();
  const error = new Error('no');
  let child: LifecycleHandle | undefined;
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    child = l.fork('child', fails(error), { onFailure: { restart: { maxRestarts: 1, withinMs: 1000 } } });
  });
  await clock.advance(0);
  expect(child?.waitingFor()).toEqual(['restart']);
  if (child !== undefined) end(handle, child);
  await expect(child?.done).resolves.toMatchObject({ status, failures: [{ path: 'app/child', error }] });
  await handle.done;
  expect(clock.pending).toBe(0);
});

test.each([
  ['fail', 'failed'],
  ['isolate', 'stopped'],
] as const)('a child that fails while it is asked to stop is not started again: then %s, and the parent is %s', async (then, status) => {
  using traces = recordTraces();
  const clock = fakeClock();
  const error = new Error('on the way out');
  let child: LifecycleHandle | undefined;
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    child = l.fork('child', (c) => aborted(c.stopping).then(fails(error)), {
      onFailure: { restart: { maxRestarts: 1, withinMs: 1000, then } },
    });
  });
  await handle.stop();
  await expect(child?.done).resolves.toEqual({ status: 'failed', error, failures: [], stuck: [] });
  await expect(handle.done).resolves.toMatchObject({ status, failures: [{ path: 'app/child' }] });
  expect(clock.pending).toBe(0);
});

test('a child that is stopped alone, and fails then, has not failed too often', async () => {
  using traces = recordTraces();
  const error = new Error('on the way out');
  const handle = traces.runtime().lifecycle('app', async (l) => {
    const onFailure = { restart: { maxRestarts: 1, withinMs: 1000 } };
    await l.fork('child', (c) => aborted(c.stopping).then(fails(error)), { onFailure }).stop({ timeoutMs: 0 });
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'ok', failures: [{ path: 'app/child', error }] });
});

test('a stop in the hook of the next life keeps its body from being called', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const order: string[] = [];
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    const body = (): never => {
      order.push('body');
      throw new Error('no');
    };
    const onStarted = (child: LifecycleHandle): unknown => order.push('started') > 2 && child.stop();
    l.fork('child', body, { onStarted, onFailure: { restart: { maxRestarts: 1, withinMs: 1000 } } });
  });
  await clock.advance(100);
  await expect(handle.done).resolves.toMatchObject({ status: 'ok', failures: [{ path: 'app/child' }] });
  expect(order).toEqual(['started', 'body', 'started']);
});

test.each([
  'restart',
  null,
  {},
  { restart: {} },
  { restart: { maxRestarts: 0, withinMs: 1 } },
  { restart: { maxRestarts: 1, withinMs: 0 } },
  { restart: { maxRestarts: 1, withinMs: 1, delayMs: -1 } },
  { restart: { maxRestarts: 1, withinMs: 1, then: 'restart' } },
  { restart: { maxRestarts: 1, withinMs: 1, within: 1 } },
  { restart: { maxRestarts: 1, withinMs: 1 }, other: 1 },
])('a wrong policy is refused: %o', async (onFailure) => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', (l) => {
    expect(() => l.fork('child', () => 1, { onFailure: onFailure as never })).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'ok' });
});
