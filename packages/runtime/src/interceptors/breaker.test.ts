import { isTracewrightError, operation, type Operation, type Scope, TracewrightError } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { describe, expect, test } from 'vitest';
import { type Breaker, breaker, type BreakerOptions } from './breaker.ts';
import { limit } from './limit.ts';
import { retry } from './retry.ts';
import { timeout } from './timeout.ts';

const outcomeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => (isTracewrightError(error) ? error.code : error));

const hang = (): Promise<never> => new Promise(() => undefined);
const broken = new Error('broken');
const fail = (): Promise<never> => Promise.reject(broken);
const succeed = (): string => 'paid';

/** An operation behind a breaker, on a clock that stands still. */
function guarded(options: BreakerOptions = {}) {
  const traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const guard = breaker({ openMs: 1000, ...options });
  const charge = operation({ name: 'charge', interceptors: [guard] });
  const run = (body: (scope: Scope) => unknown, signal?: AbortSignal): Promise<unknown> =>
    outcomeOf(runtime.run(charge, body, signal && { signal }));
  /** One after the other. */
  const runAll = async (...bodies: ((scope: Scope) => unknown)[]): Promise<void> => {
    for (const body of bodies) await run(body);
  };
  return { traces, clock, runtime, guard, charge, run, runAll, [Symbol.dispose]: () => traces[Symbol.dispose]() };
}

test('so many failures one after the other open it, and a success in between counts from the beginning', async () => {
  using behind = guarded({ failures: 3 });
  const { guard, runAll } = behind;
  await runAll(fail, fail, succeed, fail, fail);
  expect(guard.state).toBe('closed');
  await runAll(fail);
  expect(guard.state).toBe('open');
});

test('opens after five failures where nothing is said', async () => {
  using behind = guarded();
  await behind.runAll(fail, fail, fail, fail);
  expect(behind.guard.state).toBe('closed');
  await behind.runAll(fail);
  expect(behind.guard.state).toBe('open');
});

test('a share of failures opens it once there were so many calls', async () => {
  using behind = guarded({ failures: { share: 0.5, of: 4 } });
  const { guard, runAll } = behind;
  await runAll(fail, fail, fail);
  expect(guard.state).toBe('closed');
  await runAll(succeed);
  expect(guard.state).toBe('open');
});

test('of a share, only the last calls count', async () => {
  using behind = guarded({ failures: { share: 0.75, of: 4 } });
  const { guard, runAll } = behind;
  await runAll(fail, fail, succeed, succeed, succeed, fail, fail);
  expect(guard.state).toBe('closed');
  await runAll(fail);
  expect(guard.state).toBe('open');
});

test('while it is open, work is refused at once, with the time until it is tried again', async () => {
  using behind = guarded({ failures: 1 });
  const { clock, runtime, charge, runAll, traces } = behind;
  await runAll(fail);
  await clock.advance(400);
  let called = false;
  await expect(runtime.run(charge, () => (called = true))).rejects.toMatchObject({
    code: 'TW_BREAKER_OPEN',
    message: 'charge was refused: what its breaker guards kept failing, and is tried again in 600 ms at the latest',
    data: { retryAfterMs: 600, operation: 'charge' },
  });
  expect(called).toBe(false);
  expect(traces.render()).toMatchInlineSnapshot(`
    "charge  ERROR Error  outcome error  service service
       ✗ Error: broken

    charge  ERROR TW_BREAKER_OPEN  outcome error  service service
       ✗ TW_BREAKER_OPEN: charge was refused: what its breaker guards kept failing, and is tried again in 600 ms at the latest"
  `);
  expect(clock.pending).toBe(0);
});

describe('after that time', () => {
  test('one call is let through on trial, others are refused meanwhile', async () => {
    using behind = guarded({ failures: 1 });
    const { clock, guard, run, runAll } = behind;
    await runAll(fail);
    await clock.advance(1000);
    const trial = run((scope) => scope.clock.sleep(10));
    expect(guard.state).toBe('half-open');
    await expect(run(succeed)).resolves.toBe('TW_BREAKER_OPEN');
    await clock.advance(10);
    await trial;
    expect(guard.state).toBe('closed');
    await expect(run(succeed)).resolves.toBe('paid');
  });

  test('a trial that fails opens it again, for the whole time', async () => {
    using behind = guarded({ failures: 3 });
    const { clock, guard, run, runAll } = behind;
    await runAll(fail, fail, fail);
    await clock.advance(1000);
    await expect(run(fail)).resolves.toBe(broken);
    expect(guard.state).toBe('open');
    await clock.advance(999);
    await expect(run(succeed)).resolves.toBe('TW_BREAKER_OPEN');
    await clock.advance(1);
    await expect(run(succeed)).resolves.toBe('paid');
  });

  test('as many trials as asked for run at the same time, and the first that ends decides', async () => {
    using behind = guarded({ failures: 1, trials: 2 });
    const { clock, guard, run, runAll } = behind;
    await runAll(fail);
    await clock.advance(1000);
    const trials = [run((scope) => scope.clock.sleep(10).then(fail)), run((scope) => scope.clock.sleep(20)), run(succeed)];
    await clock.advance(10);
    expect(guard.state).toBe('open');
    // It began before the breaker opened again, and says nothing about now.
    await clock.advance(10);
    expect(guard.state).toBe('open');
    expect(await Promise.all(trials)).toEqual([broken, undefined, 'TW_BREAKER_OPEN']);
  });

  test('a trial whose client leaves gives its turn to another', async () => {
    using behind = guarded({ failures: 1 });
    const { clock, guard, run, runAll } = behind;
    await runAll(fail);
    await clock.advance(1000);
    const client = new AbortController();
    // It ignores its signal.
    void run((scope) => scope.clock.sleep(5000), client.signal);
    client.abort('gone');
    expect(guard.state).toBe('half-open');
    await expect(run(succeed)).resolves.toBe('paid');
    expect(guard.state).toBe('closed');
    await clock.advance(5000);
    expect(guard.state).toBe('closed');
  });

  test('a trial that never ends gives its turn to another after that time again', async () => {
    using behind = guarded({ failures: 1 });
    const { clock, runtime, run, runAll, charge } = behind;
    await runAll(fail);
    await clock.advance(1000);
    void run(hang);
    await clock.advance(900);
    await expect(runtime.run(charge, succeed)).rejects.toMatchObject({ data: { retryAfterMs: 100 } });
    await clock.advance(100);
    await expect(run(succeed)).resolves.toBe('paid');
    behind.traces.expectProblems();
  });

  test('a trial that is refused further in gives its turn to another', async () => {
    using behind = guarded({ failures: 1 });
    const { clock, guard, run, runAll } = behind;
    await runAll(fail);
    await clock.advance(1000);
    await run(() => Promise.reject(new TracewrightError('TW_BLOCKED', 'blocked')));
    expect(guard.state).toBe('half-open');
    await expect(run(succeed)).resolves.toBe('paid');
  });
});

test('a call that began before the breaker opened neither closes nor opens it later', async () => {
  using behind = guarded({ failures: 1 });
  const { clock, guard, run, runAll } = behind;
  const late = [run((scope) => scope.clock.sleep(500)), run((scope) => scope.clock.sleep(1500).then(fail))];
  await runAll(fail);
  await clock.advance(500);
  expect(guard.state).toBe('open');
  await clock.advance(500);
  await expect(run(succeed)).resolves.toBe('paid');
  await clock.advance(500);
  expect(guard.state).toBe('closed');
  await Promise.all(late);
});

describe('what counts', () => {
  const rejectWith = (error: unknown) => (): Promise<never> => Promise.reject(error);
  const failures: readonly (readonly [string, () => unknown])[] = [
    ['an error', fail],
    [
      'an error that is thrown at once',
      () => {
        throw broken;
      },
    ], // prettier-ignore
    ['a value that is no error', rejectWith('text')],
    ['a time-out of ours', rejectWith(new TracewrightError('TW_TIMEOUT', 'too slow'))],
    ['an abort error that nobody asked for', rejectWith(new DOMException('aborted', 'AbortError'))],
  ];
  const others: readonly (readonly [string, () => unknown])[] = [
    ['a success', succeed],
    ['a full limit', rejectWith(new TracewrightError('TW_LIMITED', 'full'))],
    ['a hook that blocks', rejectWith(new TracewrightError('TW_BLOCKED', 'blocked'))],
    ['a wrong option', rejectWith(new TracewrightError('TW_BAD_OPTION', 'wrong'))],
    ['another breaker', rejectWith(new TracewrightError('TW_BREAKER_OPEN', 'open'))],
    ['a shutdown', rejectWith(new TracewrightError('TW_CANCELLED', 'closed', { data: { by: 'shutdown' } }))],
    ['a reader that left', rejectWith(new TracewrightError('TW_CANCELLED', 'left', { data: { by: 'consumer' } }))],
  ];

  test.each(failures)('as a failure: %s', async (_, body) => {
    using behind = guarded({ failures: 1 });
    await behind.run(body);
    expect(behind.guard.state).toBe('open');
  });

  test.each(others)('not as a failure: %s', async (_, body) => {
    using behind = guarded({ failures: 1 });
    await behind.run(body);
    expect(behind.guard.state).toBe('closed');
  });

  test.each(others.slice(1))('not as a success: %s', async (_, body) => {
    using behind = guarded({ failures: 2 });
    await behind.runAll(fail, body, fail);
    expect(behind.guard.state).toBe('open');
  });

  test('not a client that leaves, whatever the work throws then', async () => {
    using behind = guarded({ failures: 1 });
    const { run, guard } = behind;
    for (const thrown of [
      (scope: Scope) => scope.signal.reason as unknown,
      () => broken,
      () => new DOMException('aborted', 'AbortError'),
    ]) {
      const client = new AbortController();
      const work = run(
        (scope) => new Promise((_, reject) => scope.signal.addEventListener('abort', () => reject(thrown(scope)))),
        client.signal,
      );
      client.abort(new Error('gone'));
      await work;
    }
    expect(guard.state).toBe('closed');
  });

  test('not work that the runtime cancels when it closes', async () => {
    using behind = guarded({ failures: 1 });
    const { clock, runtime, run, guard } = behind;
    const work = run((scope) => scope.clock.sleep(1e6, { signal: scope.signal }));
    const closing = runtime.close({ timeoutMs: 10, graceMs: 10 });
    await clock.advance(10);
    await expect(work).resolves.toBe('TW_CANCELLED');
    await expect(closing).resolves.toMatchObject({ stuck: [] });
    expect([guard.state, clock.pending]).toEqual(['closed', 0]);
  });

  test.each(['inside', 'outside'])('a time-out %s of the breaker, also of work that ignores its signal', async (where) => {
    using traces = recordTraces();
    const clock = fakeClock();
    const guard = breaker({ failures: 1 });
    const limitTime = timeout({ timeoutMs: 100 });
    const charge = operation({ name: 'charge', interceptors: where === 'inside' ? [guard, limitTime] : [limitTime, guard] });
    const work = outcomeOf(traces.runtime({ clock }).run(charge, hang));
    await clock.advance(100);
    await expect(work).resolves.toBe('TW_TIMEOUT');
    expect(guard.state).toBe('open');
  });

  test('what the author says: an error that is no failure is an answer', async () => {
    using behind = guarded({ failures: 2, isFailure: (error) => error !== broken });
    const { guard, run, runAll } = behind;
    const down = rejectWith(new Error('down'));
    await runAll(down, fail, down);
    expect(guard.state).toBe('closed');
    await run(down);
    expect(guard.state).toBe('open');
  });

  test('as a failure, where the author’s judgement fails; the error of the work is unchanged', async () => {
    using behind = guarded({
      failures: 1,
      isFailure: () => {
        throw new Error('cannot judge');
      },
    });
    await expect(behind.run(fail)).resolves.toBe(broken);
    expect(behind.guard.state).toBe('open');
  });
});

test('operations share the breaker that they have in common', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const guard: Breaker = breaker({ failures: 1 });
  const named = (name: string): Operation => operation({ name, interceptors: [guard] });
  await outcomeOf(runtime.run(named('charge'), fail));
  await expect(runtime.run(named('refund'), succeed)).rejects.toMatchObject({ code: 'TW_BREAKER_OPEN', data: { operation: 'refund' } });
});

test('inside of a retry each try counts, and what is refused is not tried again', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const interceptors = [retry({ maxAttempts: 5, delayMs: 10, jitter: 'none' }), breaker({ failures: 2 }), limit({ concurrency: 1 })];
  const work = outcomeOf(traces.runtime({ clock }).run({ name: 'charge', interceptors }, fail));
  await clock.advance(1000);
  await expect(work).resolves.toBe('TW_BREAKER_OPEN');
  expect(traces.render()).toMatchInlineSnapshot(`
    "charge  ERROR TW_BREAKER_OPEN  outcome error  service service
    ├─ attempt  ERROR Error  outcome error
    │     ✗ Error: broken
    ├─ attempt  ERROR Error  outcome error
    │     ✗ Error: broken
    └─ attempt  ERROR TW_BREAKER_OPEN  outcome error
          ✗ TW_BREAKER_OPEN: charge was refused: what its breaker guards kept failing, and is tried again in 29980 ms at the latest"
  `);
});

test('a stream counts when its consumption is over', async () => {
  using behind = guarded({ failures: 1 });
  const { runtime, charge, guard } = behind;
  const failing = async function* () {
    yield 1;
    throw broken;
  };
  const stream = runtime.stream(charge, failing);
  await stream.next();
  expect(guard.state).toBe('closed');
  await expect(stream.next()).rejects.toBe(broken);
  expect(guard.state).toBe('open');
  await expect(runtime.stream(charge, () => [1]).next()).rejects.toMatchObject({ code: 'TW_BREAKER_OPEN' });
});

const wrong: readonly (readonly [string, object, string])[] = [
  ['no failure', { failures: 0 }, 'breaker.failures'],
  ['failures as a text', { failures: '5' }, 'breaker.failures'],
  ['no share', { failures: { share: 0, of: 10 } }, 'breaker.failures.share'],
  ['more than all', { failures: { share: 1.1, of: 10 } }, 'breaker.failures.share'],
  ['a share of nothing', { failures: { share: 0.5 } }, 'breaker.failures.of'],
  ['no time', { openMs: 0 }, 'breaker.openMs'],
  ['no trial', { trials: 0 }, 'breaker.trials'],
  ['a judgement that is no function', { isFailure: true }, 'breaker.isFailure'],
  ['a misspelt option', { failure: 5 }, 'breaker.failure'],
];

test.each(wrong)('%s is refused at the definition', (_, options, option) => {
  expect(() => breaker(options as never)).toThrow(
    expect.objectContaining({ code: 'TW_BAD_OPTION', data: expect.objectContaining({ option }) }),
  );
});
