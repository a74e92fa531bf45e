import { type Heartbeat, type LifecycleHandle, type LifecycleTree } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** A promise that a test settles. */
function gate(): { readonly opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

test('a tree has all that runs in a lifecycle, in the order of its start, with ages and what each waits for', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const work = gate();
  const handle = traces.runtime({ clock }).lifecycle('app', async (l) => {
    l.fork('first', (c) => c.run('answer', (scope) => scope.run('look up', () => work.opened)));
    await clock.sleep(1500);
    l.fork('second', (c) => {
      c.fork('below', (b) => aborted(b.grace));
    });
  });
  await clock.advance(2000);
  const below = { name: 'below', path: 'app/second/below', state: 'running', ageMs: 500, waitingFor: ['body'], children: [] };
  const second = { name: 'second', path: 'app/second', state: 'running', ageMs: 500, waitingFor: ['app/second/below'], children: [below] };
  const waitingFor = ['body', 'answer', 'answer > look up'];
  const first = { name: 'first', path: 'app/first', state: 'running', ageMs: 2000, waitingFor, children: [] };
  expect(handle.tree()).toEqual({
    name: 'app',
    path: 'app',
    state: 'running',
    ageMs: 2000,
    waitingFor: ['app/first', 'app/second'],
    children: [first, second],
  });
  work.open();
  await handle.stop();
});

test('a tree is plain and frozen, and stays as it was', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    l.heartbeat('poll', { withinMs: 10 });
    l.fork('child', (c) => aborted(c.grace));
  });
  const tree = handle.tree();
  const text = JSON.stringify(tree);
  const parts = [tree, tree.waitingFor, tree.children, tree.children[0], tree.heartbeats, tree.heartbeats?.[0]];
  expect(parts.map((part) => part !== undefined && Object.isFrozen(part))).toEqual(parts.map(() => true));
  await clock.advance(20);
  await handle.stop();
  expect(JSON.stringify(tree)).toBe(text);
  expect(structuredClone(tree)).toEqual(tree);
});

test('a lifecycle says in its tree where it is, from its hooks to its end', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const gates = [gate(), gate(), gate(), gate()] as const;
  const [started, body, cleanup, completed] = gates;
  const handle = traces.runtime({ clock }).lifecycle(
    'app',
    async (l) => {
      l.defer(() => cleanup.opened);
      await body.opened;
    },
    { onStarted: () => started.opened, onCompleted: () => completed.opened },
  );
  const seen: unknown[] = [];
  const see = async (): Promise<void> => {
    await clock.advance(10);
    const { state, waitingFor, ageMs } = handle.tree();
    seen.push([state, ...waitingFor, ageMs]);
  };
  await see();
  started.open();
  await see();
  void handle.stop();
  await see();
  handle.terminate();
  await see();
  body.open();
  await see();
  cleanup.open();
  await see();
  completed.open();
  await see();
  await clock.advance(1000);
  await see();
  expect(seen).toEqual([
    ['running', 'onStarted', 10],
    ['running', 'body', 20],
    ['stopping', 'body', 30],
    ['terminated', 'body', 40],
    ['cleaning up', 'cleanup 1 of 1', 50],
    ['done', 'onCompleted', 60],
    ['done', 60],
    ['done', 60],
  ]);
});

test('a child that fails again and again is between lives, counts its restarts, and keeps its age and its place', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const onFailure = { restart: { maxRestarts: 5, withinMs: 60_000, delayMs: 100, maxDelayMs: 100 } };
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    const failing = async (): Promise<never> => {
      await clock.sleep(1000);
      throw new Error('no');
    };
    l.fork('failing', failing, { onFailure });
    l.fork('other', (c) => aborted(c.grace));
  });
  const seen = (): unknown =>
    handle.tree().children.map(({ name, state, ageMs, waitingFor, restarts }) => [name, state, ageMs, ...waitingFor, restarts]);
  expect(handle.tree().children[0]).not.toHaveProperty('restarts');
  await clock.advance(1001);
  expect(seen()).toEqual([
    ['failing', 'between lives', 1001, 'restart', undefined],
    ['other', 'running', 1001, 'body', undefined],
  ]);
  await clock.advance(100);
  expect(seen()).toEqual([
    ['failing', 'running', 1101, 'body', 1],
    ['other', 'running', 1101, 'body', undefined],
  ]);
  await clock.advance(1100);
  expect(handle.tree().children[0]).toMatchObject({ restarts: 2, state: 'running' });
  handle.terminate();
  await clock.advance(1000);
  await handle.done;
});

test('children that have ended are in the tree no longer', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    for (const [index, name] of ['a', 'b', 'c'].entries()) l.fork(name, () => clock.sleep(10 * (3 - index)));
  });
  const names: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    names.push(
      handle
        .tree()
        .children.map(({ name }) => name)
        .join(''),
    );
    await clock.advance(10);
  }
  expect(names).toEqual(['abc', 'ab', 'a', '']);
});

test('hooks and bodies can ask for the tree of what they were given', async () => {
  using traces = recordTraces();
  const trees: LifecycleTree[] = [];
  const onStarted = (handle: LifecycleHandle): unknown => trees.push(handle.tree());
  const handle = traces.runtime().lifecycle('app', (l) => void trees.push(l.fork('child', () => 1).tree()), { onStarted });
  await handle.done;
  expect(trees.map(({ path, state, waitingFor }) => [path, state, ...waitingFor])).toEqual([
    ['app', 'running', 'onStarted'],
    ['app/child', 'running', 'onStarted'],
    ['app/child', 'running', 'body'],
  ]);
});

test('the heartbeats of a lifecycle are in its own part of the tree', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  let poll: Heartbeat | undefined;
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    poll = l.heartbeat('poll', { withinMs: 10 });
    l.fork('child', (c) => {
      c.heartbeat('scan', { withinMs: 100 });
      return aborted(c.grace);
    });
  });
  await clock.advance(11);
  expect(handle.tree()).toMatchObject({
    heartbeats: [{ name: 'poll', ageMs: 11, withinMs: 10, isOverdue: true }],
    children: [{ heartbeats: [{ name: 'scan', ageMs: 11, withinMs: 100, isOverdue: false }] }],
  });
  poll?.stop();
  expect(handle.tree()).not.toHaveProperty('heartbeats');
  await handle.stop();
});
