import { type Heartbeat, type Lifecycle, type LifecycleHandle } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** The names of what is promised, with `!` where it is overdue. */
const promised = (handle: LifecycleHandle): string[] =>
  (handle.tree().heartbeats ?? []).map(({ name, isOverdue }) => (isOverdue ? `${name}!` : name));

const kept = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('nothing was kept');
  return value;
};

/** A lifecycle that lives until it is terminated, and what its body got. */
function living(body: (l: Lifecycle) => unknown = (l) => aborted(l.signal)) {
  const traces = recordTraces();
  const clock = fakeClock();
  let given: Lifecycle | undefined;
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    given = l;
    return body(l);
  });
  return { clock, handle, l: kept(given), [Symbol.dispose]: () => traces[Symbol.dispose]() };
}

test('a heartbeat is overdue when the last beat, or the promise itself, is longer ago than it said', async () => {
  using on = living();
  const poll = on.l.heartbeat('poll', { withinMs: 100 });
  await on.clock.advance(100);
  expect(promised(on.handle)).toEqual(['poll']);
  await on.clock.advance(1);
  expect(promised(on.handle)).toEqual(['poll!']);
  poll.beat();
  expect(on.handle.tree().heartbeats).toEqual([{ name: 'poll', ageMs: 0, withinMs: 100, isOverdue: false }]);
  await on.clock.advance(101);
  expect(promised(on.handle)).toEqual(['poll!']);
  on.handle.terminate();
  await on.handle.done;
});

test('a heartbeat sets no timer', async () => {
  using on = living();
  on.l.heartbeat('poll', { withinMs: 100 }).beat();
  expect(on.clock.pending).toBe(0);
  on.handle.terminate();
  await on.handle.done;
});

test('a promise that was stopped binds no longer, and a late beat does not revive it', async () => {
  using on = living();
  const [one, other] = [on.l.heartbeat('one', { withinMs: 10 }), on.l.heartbeat('other', { withinMs: 10 })];
  {
    using third = on.l.heartbeat('third', { withinMs: 10 });
    expect([third.name, promised(on.handle)]).toEqual(['third', ['one', 'other', 'third']]);
  }
  one.stop();
  one.stop();
  one.beat();
  await on.clock.advance(11);
  expect(promised(on.handle)).toEqual(['other!']);
  other.stop();
  expect(promised(on.handle)).toEqual([]);
  on.handle.terminate();
  await on.handle.done;
});

test('two heartbeats may have one name, and each is kept for itself', async () => {
  using on = living();
  const [first] = [on.l.heartbeat('poll', { withinMs: 10 }), on.l.heartbeat('poll', { withinMs: 100 })];
  await on.clock.advance(11);
  expect(promised(on.handle)).toEqual(['poll!', 'poll']);
  first.stop();
  expect(promised(on.handle)).toEqual(['poll']);
  on.handle.terminate();
  await on.handle.done;
});

test('a promise goes on when the body has returned, as long as something runs', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    l.heartbeat('poll', { withinMs: 10 });
    l.fork('child', (c) => aborted(c.grace));
  });
  await clock.advance(11);
  expect([handle.waitingFor(), promised(handle)]).toEqual([['app/child'], ['poll!']]);
  await handle.stop();
});

test('who is asked to stop has no heartbeat to keep, whatever comes next', async () => {
  using on = living();
  on.l.heartbeat('poll', { withinMs: 10 });
  await on.clock.advance(11);
  void on.handle.stop();
  expect(promised(on.handle)).toEqual([]);
  on.l.heartbeat('late', { withinMs: 10 });
  await on.clock.advance(11);
  expect(promised(on.handle)).toEqual([]);
  on.handle.terminate();
  expect(promised(on.handle)).toEqual([]);
  await on.handle.done;
});

test.each(['terminated', 'failed'])('what hangs although it was %s is still seen by its heartbeat', async (how) => {
  let finish: () => void = () => undefined;
  using on = living(() => new Promise<void>((resolve) => (finish = resolve)));
  on.l.heartbeat('poll', { withinMs: 10 });
  if (how === 'terminated') on.handle.terminate();
  else expect(() => on.l.fatal(new Error('no'))).toThrow(expect.objectContaining({ code: 'TW_LIFECYCLE_FAILED' }));
  await on.clock.advance(11);
  expect([on.handle.tree().state, promised(on.handle)]).toEqual([how, ['poll!']]);
  finish();
  await on.handle.done;
  expect(promised(on.handle)).toEqual([]);
});

test('cleanups have deadlines, and no heartbeat', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    l.heartbeat('poll', { withinMs: 10 });
    l.defer(() => clock.sleep(1000));
  });
  await clock.advance(500);
  expect([handle.tree().state, promised(handle)]).toEqual(['cleaning up', []]);
  await clock.advance(500);
  await handle.done;
});

test('each life of a restarted child makes its own promises', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const polls: Heartbeat[] = [];
  let child: LifecycleHandle | undefined;
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    const body = async (c: Lifecycle): Promise<void> => {
      polls.push(c.heartbeat(`poll ${polls.length + 1}`, { withinMs: 10 }));
      await clock.sleep(5);
      throw new Error('no');
    };
    const restart = { maxRestarts: 1, withinMs: 60_000, delayMs: 100 };
    child = l.fork('child', body, { onFailure: { restart } });
  });
  await clock.advance(5);
  expect([kept(child).tree().state, promised(kept(child))]).toEqual(['between lives', []]);
  await clock.advance(105);
  expect(polls.length).toBe(2);
  await handle.done;
  expect(promised(kept(child))).toEqual([]);
});

test('a promise in a new life is not taken for one of the life before', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  let lives = 0;
  let child: LifecycleHandle | undefined;
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    const body = async (c: Lifecycle): Promise<void> => {
      lives += 1;
      c.heartbeat(`life ${lives}`, { withinMs: 10_000 });
      if (lives === 1) throw new Error('no');
      await aborted(c.grace);
    };
    child = l.fork('child', body, { onFailure: { restart: { maxRestarts: 1, withinMs: 60_000 } } });
  });
  await clock.advance(100);
  expect(promised(kept(child))).toEqual(['life 2']);
  await handle.stop();
});

test('a promise after the end is refused, and so are wrong options', async () => {
  using on = living((l) => l.defer(() => l.heartbeat('in a cleanup', { withinMs: 1 })));
  await on.handle.done;
  expect(() => on.l.heartbeat('poll', { withinMs: 1 })).toThrow(
    expect.objectContaining({ code: 'TW_LIFECYCLE_STATE', message: 'app cannot promise the heartbeat poll: it is done' }),
  );
  for (const [name, options] of [
    ['', { withinMs: 1 }],
    [' \t\n', { withinMs: 1 }],
    [1, { withinMs: 1 }],
    ['poll', { withinMs: 0 }],
    ['poll', { withinMs: Number.POSITIVE_INFINITY }],
    ['poll', {}],
    ['poll', { withinMs: 1, everyMs: 1 }],
    ['poll', undefined],
  ])
    expect(() => on.l.heartbeat(name as never, options as never)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
});
