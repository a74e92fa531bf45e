import { type Clock, type Lifecycle, type LifecycleHandle, type LifecycleTree, renderTree } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const waits = (l: Lifecycle): Promise<void> => aborted(l.signal);

/** A lifecycle `desk` that lives until it is terminated. */
function living(body: (l: Lifecycle, clock: Clock) => unknown) {
  const traces = recordTraces();
  const clock = fakeClock();
  const handle: LifecycleHandle = traces.runtime({ clock }).lifecycle('desk', (l) => body(l, clock));
  return {
    clock,
    handle,
    async [Symbol.asyncDispose]() {
      handle.terminate();
      await clock.advance(1);
      await handle.done;
      traces[Symbol.dispose]();
    },
  };
}

/** A tree as data, for shapes that would take long to live. */
function tree(name: string, children: readonly LifecycleTree[] = []): LifecycleTree {
  return { name, path: name, state: 'running', ageMs: 1000, waitingFor: children.length === 0 ? ['body'] : [], children };
}

const many = (count: number, make: (index: number) => LifecycleTree): LifecycleTree[] =>
  Array.from({ length: count }, (_, index) => make(index));

test('a tree is text with a line for each lifecycle: its name, state, age, and what it waits for besides those below', async () => {
  await using on = living(async (l, clock) => {
    l.heartbeat('poll', { withinMs: 300_000 });
    l.fork('worker', (w) => {
      w.heartbeat('scan', { withinMs: 10_000 });
      w.fork('turn 1', (t) => t.run('answer ticket', (scope) => scope.run('ask', () => aborted(scope.signal))));
      w.fork('turn 2', (t) => t.defer(() => clock.sleep(1)));
    });
    const restart = { maxRestarts: 9, withinMs: 60_000, delayMs: 3_600_000, maxDelayMs: 3_600_000 };
    l.fork('mailer', () => Promise.reject(new Error('no')), { onFailure: { restart } });
    await waits(l);
  });
  await on.clock.advance(0);
  on.clock.tick(192_000);
  expect(renderTree(on.handle.tree())).toMatchInlineSnapshot(`
    "desk          running        3 m 12 s  heartbeat poll 3 m 12 s ago; waiting for body
    ├─ worker     running        3 m 12 s  no heartbeat scan for 3 m 12 s, promised within 10 s
    │  ├─ turn 1  running        3 m 12 s  waiting for body, answer ticket > ask
    │  └─ turn 2  cleaning up    3 m 12 s  waiting for cleanup 1 of 1
    └─ mailer     between lives  3 m 12 s  waiting for restart"
  `);
});

test('operations in each other are told by the innermost, and those of one name together', () => {
  const waitingFor = [
    'body',
    'answer',
    'answer > ask',
    'answer',
    'answer > look up',
    'answer > look up > read',
    'answer',
    'answer > ask',
    'answers',
  ];
  expect(renderTree({ ...tree('worker'), waitingFor })).toBe(
    'worker  running  1 s  waiting for body, answer > ask ×2, answer > look up > read, 1 more',
  );
});

test('restarts are counted in words', () => {
  const text = (restarts: number): string => renderTree({ ...tree('mailer'), restarts, waitingFor: [] });
  expect([text(1), text(2)]).toEqual(['mailer  running  1 s  restarted once', 'mailer  running  1 s  restarted 2 times']);
});

test('what stands in long lists is cut to three, the overdue heartbeats first', () => {
  const heartbeats = many(5, (index) => tree(`h${index}`)).map(({ name }, index) => ({
    name,
    ageMs: 12_000,
    withinMs: 10_000,
    isOverdue: index === 4,
  }));
  const waitingFor = ['a', 'b', 'c', 'd', 'e'];
  expect(renderTree({ ...tree('desk'), heartbeats, waitingFor })).toBe(
    'desk  running  1 s  no heartbeat h4 for 12 s, promised within 10 s; heartbeat h0 12 s ago; heartbeat h1 12 s ago; 2 more; waiting for a, b, c, 2 more',
  );
});

test('of a thousand children forty are shown, and how many more there are, in which states', () => {
  const children = many(1000, (index) => ({ ...tree(`c${index}`, [tree('below')]), state: index % 100 === 99 ? 'stopping' : 'running' }));
  const lines = renderTree(tree('desk', children)).split('\n');
  expect(lines.length).toBe(1 + 2 * 40 + 1);
  expect([lines[0], lines[1], lines[2], lines.at(-1)]).toEqual([
    'desk         running  1 s',
    '├─ c0        running  1 s',
    '│  └─ below  running  1 s  waiting for body',
    '└─ … 960 more: 950 running, 10 stopping; 960 below',
  ]);
});

test('a child in which a heartbeat is overdue is shown, however many there are and however deep it is', () => {
  const late = { ...tree('late'), heartbeats: [{ name: 'poll', ageMs: 12_000, withinMs: 10_000, isOverdue: true }] };
  const children = many(1000, (index) => tree(`c${index}`, index === 500 ? [tree('middle', [late])] : []));
  const lines = renderTree(tree('desk', children)).split('\n');
  expect(lines.slice(-5)).toEqual([
    '├─ c38         running  1 s  waiting for body',
    '├─ c500        running  1 s',
    '│  └─ middle   running  1 s',
    '│     └─ late  running  1 s  no heartbeat poll for 12 s, promised within 10 s; waiting for body',
    '└─ … 960 more: 960 running',
  ]);
});

test('overdue heartbeats that do not fit are counted', () => {
  const heartbeats = [{ name: 'poll', ageMs: 12_000, withinMs: 10_000, isOverdue: true }];
  const text = (count: number): string | undefined =>
    renderTree(
      tree(
        'desk',
        many(count, (index) => ({ ...tree(`c${index}`), heartbeats })),
      ),
    )
      .split('\n')
      .at(-1);
  expect([text(41), text(43)]).toEqual(['└─ … 1 more: 1 running; 1 heartbeat overdue', '└─ … 3 more: 3 running; 3 heartbeats overdue']);
});

test('of a tree that is deep and wide at once no more than two hundred are shown, and every branch has its share', () => {
  const wide = many(30, (index) =>
    tree(
      `part ${index}`,
      many(30, (turn) => tree(`turn ${turn}`, [tree('work')])),
    ),
  );
  const lines = renderTree(tree('desk', wide)).split('\n');
  const shown = lines.filter((line) => !line.includes('…'));
  expect(shown.length).toBe(200);
  const parts = shown.filter((line) => line.includes('part'));
  expect(parts.length).toBe(30);
  expect(lines.at(-1)).toBe('   └─ … 25 more: 25 running; 25 below');
  expect(lines.filter((line) => line.includes('turn')).length).toBeGreaterThanOrEqual(30 * 5);
});

test('a branch of a thousand levels is cut after ten', () => {
  let deep = tree('end');
  for (let level = 0; level < 1000; level += 1) deep = tree('level', [deep]);
  const lines = renderTree(deep).split('\n');
  expect(lines.length).toBe(12);
  expect(lines.at(-1)?.trim()).toBe('└─ … 1 more: 1 running; 989 below');
});

test('a name cannot break its line, command the terminal, or take the room of the others', () => {
  const name = `a\n\u{1b}[2Jb\u{2028}\u{202e}${'c'.repeat(100)}`;
  const text = renderTree({ ...tree(name), waitingFor: ['x\ty'] });
  const shown = `a\u{fffd}\u{fffd}[2Jb\u{fffd}\u{fffd}${'c'.repeat(50)}…`;
  expect(text).toBe(`${shown}  running  1 s  waiting for x\u{fffd}y`);
});
