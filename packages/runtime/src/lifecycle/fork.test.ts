import { type Lifecycle, service, user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

function refusesForks(l: Lifecycle, state: string): void {
  const forked = (): unknown => l.fork('late', () => 1);
  expect(forked).toThrow(expect.objectContaining({ code: 'TW_LIFECYCLE_STATE', data: { lifecycle: l.path, state, child: 'late' } }));
  expect(forked).toThrow(`${l.path} cannot fork late: it is ${state}`);
  expect(l.tryFork('late', () => 1)).toBeUndefined();
}

// Go: a fork after Terminate starts with a cancelled context, one during cleanup is orphaned. Here both are refused.
test('forking is refused while the lifecycle is stopping, after terminate, after a failure, in cleanups, and after the end', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const checked: string[] = [];
  const check = (l: Lifecycle, state: string): void => {
    refusesForks(l, state);
    checked.push(state);
  };
  let last: Lifecycle | undefined;
  await runtime.lifecycle('stopped', async (l) => {
    await l.stop();
    check(l, 'stopping');
  }).done;
  await runtime.lifecycle('terminated', (l) => {
    l.terminate();
    check(l, 'terminated');
  }).done;
  await runtime.lifecycle('failed', (l) => {
    expect(() => l.fatal(1)).toThrow('failed failed');
    check(l, 'failed');
  }).done;
  const outcome = await runtime.lifecycle('cleaned', (l) => {
    last = l;
    l.defer(() => check(l, 'cleaning up'));
  }).done;
  expect(outcome.failures).toEqual([]);
  if (last !== undefined) check(last, 'done');
  expect(checked).toEqual(['stopping', 'terminated', 'failed', 'cleaning up', 'done']);
});

test('a wrong fork is refused by fork and tryFork alike', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', (l) => {
    for (const fork of [l.fork.bind(l), l.tryFork.bind(l)]) {
      expect(() => fork('a/b', () => 1)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
      expect(() => fork('child', 1 as never)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
      expect(() => fork('child', () => 1, { onFail: 'fail' } as never)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
    }
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'ok' });
});

test('a child may fork beside itself while it runs, also when the body above has returned', async () => {
  using traces = recordTraces();
  const order: string[] = [];
  const handle = traces.runtime().lifecycle('app', (l) => {
    l.defer(() => order.push('cleanup'));
    l.fork('first', async () => {
      await new Promise(setImmediate);
      expect(l.running).toBe(true);
      l.fork('second', async () => {
        await new Promise(setImmediate);
        order.push('second');
      });
    });
    order.push('body');
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'ok', failures: [] });
  expect(order).toEqual(['body', 'second', 'cleanup']);
});

test('G5, R10: a fork takes over who executes and where it belongs, clears, replaces or extends it, and its path is always part of that', async () => {
  using traces = recordTraces();
  const work = (l: Lifecycle): Promise<number> => l.run(l.name, () => 1);
  const handle = traces.runtime().lifecycle(
    'app',
    async (l) => {
      l.fork('inherits', work);
      l.fork('clears', work, { identity: 'clear' });
      l.fork('replaces', work, { identity: { replace: { b: 2 } } });
      l.fork('extends', work, { identity: { extend: { b: 2, 'component.path': 'no' } } });
      l.fork('as the service', work, { as: service('robot') });
      // Not from the operation in which it is called, which is of another caller.
      await l.run('request', () => l.fork('inside', work).done, { as: user('grace'), identity: { extend: { request: 7 } } });
    },
    { as: user('ada'), identity: { extend: { a: 1 } } },
  );
  await handle.done;
  const seen = traces.spans.map(({ name, attributes: { 'execution.context': kind, 'caller.id': id, ...rest } }) => [
    name,
    `${String(kind)} ${String(id)}`,
    rest,
  ]);
  expect(seen).toEqual([
    ['inherits', 'user ada', { a: 1, 'component.path': 'app/inherits' }],
    ['clears', 'user ada', { 'component.path': 'app/clears' }],
    ['replaces', 'user ada', { b: 2, 'component.path': 'app/replaces' }],
    ['extends', 'user ada', { a: 1, b: 2, 'component.path': 'app/extends' }],
    ['as the service', 'service robot', { a: 1, 'component.path': 'app/as the service' }],
    ['request', 'user grace', { a: 1, 'component.path': 'app', request: 7 }],
    ['inside', 'user ada', { a: 1, 'component.path': 'app/inside' }],
  ]);
});

test('a child can be stopped, terminated and waited for on its own', async () => {
  using traces = recordTraces();
  const outside = new AbortController();
  const handle = traces.runtime().lifecycle('app', async (l) => {
    const stopped = l.fork('stopped', (c) => aborted(c.stopping));
    const terminated = l.fork('terminated', (c) => aborted(c.signal));
    const cut = l.fork('cut', (c) => aborted(c.signal), { signal: outside.signal });
    await expect(stopped.stop()).resolves.toBe(true);
    terminated.terminate();
    outside.abort();
    const outcomes = await Promise.all([stopped.done, terminated.done, cut.done]);
    expect(outcomes.map(({ status }) => status)).toEqual(['stopped', 'terminated', 'terminated']);
    expect([l.running, l.signal.aborted]).toEqual([true, false]);
  });
  await expect(handle.done).resolves.toEqual({ status: 'ok', failures: [], stuck: [] });
});

test('the cancellation of a child is below that of its parent, at any depth', async () => {
  using traces = recordTraces();
  const statuses: string[] = [];
  const handle = traces.runtime().lifecycle('a', (a) => {
    a.fork('b', (b) => {
      const leaf = b.fork('c', (c) => aborted(c.signal));
      void leaf.done.then(({ status }) => statuses.push(status));
    });
  });
  handle.terminate();
  await expect(handle.done).resolves.toMatchObject({ status: 'terminated' });
  expect(statuses).toEqual(['terminated']);
});
