import type { Interceptor, Operation, Scope } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { requireScope } from '../kernel/running-scope.ts';
import { retry } from './retry.ts';
import { timeout } from './timeout.ts';

const hang = (): Promise<never> => new Promise(() => undefined);

/** Work that ends with the reason of its signal as soon as that aborts. */
const untilAborted = (scope: Scope): Promise<never> =>
  new Promise((_, reject) => scope.signal.addEventListener('abort', () => reject(scope.signal.reason), { once: true }));

/** Waits of exactly 10, 20, 40 ms. */
const steady = { delayMs: 10, jitter: 'none' } as const;

/** A body that fails with each of `failures` in turn, then gives `done`. */
function failing(...failures: readonly unknown[]): { body(scope: Scope): Promise<string>; readonly calls: number } {
  let calls = 0;
  return {
    async body() {
      calls += 1;
      if (calls <= failures.length) throw failures[calls - 1];
      return 'done';
    },
    get calls() {
      return calls;
    },
  };
}

/** Hides from a retry how long it has. */
const forgetsDeadline: Interceptor = (scope, next) => {
  const running = requireScope(scope);
  return next(running.under(running.parts.cancellation, undefined));
};

const load: Operation = { name: 'load', interceptors: [retry(steady)] };

test('a try that timed out is tried again, and ends as cancelled by the time-out', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  let calls = 0;
  const work = traces
    .runtime({ clock })
    .run({ name: 'load', interceptors: [retry(steady), timeout({ timeoutMs: 100 })] }, async (scope) => {
      calls += 1;
      if (calls === 3) return [scope.name, scope.signal.aborted];
      return await scope.run('query', calls === 1 ? untilAborted : hang);
    });
  await clock.advance(230);
  await expect(work).resolves.toEqual(['load', false]);
  expect(clock.pending).toBe(0);
  expect(traces.render({ attributes: ['tracewright.attempts'] })).toMatchInlineSnapshot(`
    "load  service service
    │  tracewright.attempts = 3
    ├─ query  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout
    │     ✗ TW_TIMEOUT: load took longer than 100 ms
    ├─ attempt  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout
    ├─ attempt  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout
    │  │  ✗ TW_TIMEOUT: load took longer than 100 ms
    │  └─ query  ERROR span_not_ended  outcome error
    └─ attempt"
  `);
});

test('the error of a try that timed out speaks of the operation, whichever try it was', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const seen: unknown[] = [];
  const watched = retry({ ...steady, retryable: (error) => seen.push(error) > 0 });
  const work = traces.runtime({ clock }).run({ name: 'load', interceptors: [watched, timeout({ timeoutMs: 100 })] }, hang);
  const settled = expect(work).rejects.toMatchObject({ message: 'load took longer than 100 ms', data: { operation: 'load' } });
  await clock.advance(330);
  await settled;
  expect(seen).toMatchObject([{ message: 'load took longer than 100 ms' }, { message: 'load took longer than 100 ms' }]);
});

test('G1: what a try leaves open ends with the try, that of the first with the operation, and it can start nothing more', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const scopes: Scope[] = [];
  const work = traces
    .runtime({ clock })
    .run({ name: 'load', interceptors: [retry(steady), timeout({ timeoutMs: 100 })] }, async (scope) => {
      scopes.push(scope);
      if (scopes.length === 3) {
        for (const abandoned of scopes.slice(0, 2)) await abandoned.run('late', () => 1).catch(({ code }) => codes.push(code));
        return;
      }
      await scope.run(`deaf ${scopes.length}`, hang);
    });
  const codes: unknown[] = [];
  await clock.advance(230);
  await work;
  expect(codes).toEqual(['TW_CANCELLED', 'TW_SCOPE_ENDED']);
  expect(traces.render()).toMatchInlineSnapshot(`
    "load  service service
    ├─ deaf 1  ERROR span_not_ended  outcome error
    ├─ attempt  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout
    │     ✗ TW_TIMEOUT: load took longer than 100 ms
    ├─ attempt  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout
    │  │  ✗ TW_TIMEOUT: load took longer than 100 ms
    │  └─ deaf 2  ERROR span_not_ended  outcome error
    └─ attempt"
  `);
});

test('a time-out around the retry bounds all tries and waits', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const tries: number[] = [];
  const work = traces
    .runtime({ clock })
    .run({ name: 'load', interceptors: [timeout({ timeoutMs: 100 }), retry({ ...steady, maxAttempts: 9 })] }, (scope) => {
      tries.push(clock.monotonic());
      return tries.length < 3 ? Promise.reject(new Error('reset')) : untilAborted(scope);
    });
  const settled = expect(work).rejects.toMatchObject({ code: 'TW_TIMEOUT', data: { per: 'try' } });
  await clock.advance(100);
  await settled;
  expect([tries, clock.pending]).toEqual([[0, 10, 30], 0]);
});

test('G6: a total time-out during a try ends the operation, whether the try reacts or not', async () => {
  for (const body of [untilAborted, hang]) {
    using traces = recordTraces();
    const clock = fakeClock();
    const flaky = failing(new Error('reset'));
    const work = traces
      .runtime({ clock })
      .run({ name: 'load', interceptors: [retry(steady), timeout({ totalMs: 100 })] }, (scope) =>
        flaky.body(scope).then(() => body(scope)),
      );
    const settled = expect(work).rejects.toMatchObject({ code: 'TW_TIMEOUT', data: { per: 'total', operation: 'load' } });
    await clock.advance(100);
    await settled;
    expect([flaky.calls, clock.pending]).toEqual([2, 0]);
    expect(traces.find('load').attributes).toMatchObject({ 'tracewright.cancelled_by': 'timeout', 'tracewright.attempts': 2 });
  }
});

test('a wait that the deadline leaves no room for is not begun: the operation fails at once with its own error', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const failure = new Error('reset');
  const patient = retry({ delayMs: 100, jitter: 'none' });
  const work = traces
    .runtime({ clock })
    .run({ name: 'load', interceptors: [patient, timeout({ totalMs: 100 })] }, () => Promise.reject(failure));
  await expect(work).rejects.toBe(failure);
  expect(clock.pending).toBe(0);
});

test('a total time-out during a wait has what it waited after as its cause', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const failure = new Error('reset');
  const work = traces
    .runtime({ clock })
    .run({ name: 'load', interceptors: [timeout({ timeoutMs: 100 }), forgetsDeadline, retry({ delayMs: 200, jitter: 'none' })] }, () =>
      Promise.reject(failure),
    );
  const settled = expect(work).rejects.toMatchObject({ code: 'TW_TIMEOUT', cause: failure });
  await clock.advance(100);
  await settled;
  expect(clock.pending).toBe(0);
  expect(traces.render()).toMatchInlineSnapshot(`
    "load  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout  service service
    │  ✗ TW_TIMEOUT: load took longer than 100 ms
    └─ attempt  ERROR Error  outcome error
          ✗ Error: reset"
  `);
});

test('G6: a client that leaves during a wait is answered at once with its own reason', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const client = new AbortController();
  const reason = new DOMException('gone', 'AbortError');
  const work = traces
    .runtime({ clock })
    .run({ name: 'load', interceptors: [retry(steady), timeout({ timeoutMs: 100 })] }, hang, { signal: client.signal });
  const settled = expect(work).rejects.toBe(reason);
  await clock.advance(105);
  client.abort(reason);
  await settled;
  expect(clock.pending).toBe(0);
  expect(traces.render({ attributes: ['tracewright.attempts'] })).toMatchInlineSnapshot(`
    "load  outcome cancelled  cancelled by client  service service
    │  tracewright.attempts = 1
    └─ attempt  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout
          ✗ TW_TIMEOUT: load took longer than 100 ms"
  `);
});

test('G6: a client that leaves during a try is not tried for again', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const client = new AbortController();
  const flaky = failing(new Error('reset'));
  const work = traces.runtime({ clock }).run(load, (scope) => flaky.body(scope).then(() => untilAborted(scope)), { signal: client.signal });
  const settled = expect(work).rejects.toMatchObject({ name: 'AbortError' });
  await clock.advance(10);
  client.abort();
  await settled;
  expect([flaky.calls, clock.pending]).toEqual([2, 0]);
  expect(traces.render()).toMatchInlineSnapshot(`
    "load  outcome cancelled  cancelled by client  service service
    ├─ attempt  ERROR Error  outcome error
    │     ✗ Error: reset
    └─ attempt  outcome cancelled  cancelled by client"
  `);
});

test('an error of its own that work throws after its client has left is not tried again either', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const client = new AbortController();
  const failure = new Error('reset');
  const work = traces.runtime({ clock }).run(
    load,
    () => {
      client.abort();
      throw failure;
    },
    { signal: client.signal },
  );
  await expect(work).rejects.toBe(failure);
  expect(clock.pending).toBe(0);
});

test('G11: a runtime that closes ends a wait between tries', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const work = runtime.run({ name: 'load', interceptors: [retry({ delayMs: 5000, jitter: 'none' })] }, () =>
    Promise.reject(new Error('reset')),
  );
  const settled = expect(work).rejects.toMatchObject({ code: 'TW_CANCELLED', data: { by: 'shutdown' } });
  await clock.advance(1);
  const closing = runtime.close({ timeoutMs: 100 });
  await clock.advance(100);
  await settled;
  await expect(closing).resolves.toMatchObject({ cancelled: ['load'], stuck: [] });
  expect(clock.pending).toBe(0);
  expect(traces.render()).toMatchInlineSnapshot(`
    "load  ERROR TW_CANCELLED  outcome cancelled  cancelled by shutdown  service service
    │  ✗ TW_CANCELLED: the runtime was closed, and work did not end in 100 ms
    └─ attempt  ERROR Error  outcome error
          ✗ Error: reset"
  `);
});

test('G11: a runtime that closes lets a wait end and the work be tried again in the time that it gives', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const work = runtime.run(load, failing(new Error('reset')).body);
  const closing = runtime.close({ timeoutMs: 100 });
  await clock.advance(10);
  await expect(work).resolves.toBe('done');
  await expect(closing).resolves.toMatchObject({ cancelled: [], stuck: [] });
});

test('G1: nothing is tried any more in an operation that its owner has ended', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const flaky = failing(new Error('reset'));
  let floating: Promise<unknown> = Promise.resolve();
  const owner = traces.runtime({ clock }).run('owner', async (scope) => {
    floating = scope.run(load, flaky.body).catch((error: unknown) => error);
    await clock.sleep(5);
  });
  await clock.advance(5);
  await owner;
  expect(await floating).toMatchObject({ code: 'TW_SCOPE_ENDED' });
  expect([flaky.calls, clock.pending]).toEqual([1, 0]);
  expect(traces.render()).toMatchInlineSnapshot(`
    "owner  service service
    └─ load  ERROR span_not_ended  outcome error
       └─ attempt  ERROR Error  outcome error
             ✗ Error: reset"
  `);
});

test('G1: a try that fails when its operation has been ended by its owner is the last one, and adds nothing to the trace', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const failure = new Error('reset');
  let floating: Promise<unknown> = Promise.resolve();
  await traces.runtime({ clock }).run('owner', (scope) => {
    floating = scope.run(load, () => clock.sleep(5).then(() => Promise.reject(failure))).catch((error: unknown) => error);
  });
  await clock.advance(5);
  expect(await floating).toBe(failure);
  expect(clock.pending).toBe(0);
  expect(traces.render()).toMatchInlineSnapshot(`
    "owner  service service
    └─ load  ERROR span_not_ended  outcome error"
  `);
});

test('a time-out of an operation further out that ends a wait is not changed: others have it too', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const work = traces
    .runtime({ clock })
    .run({ name: 'request', interceptors: [timeout({ timeoutMs: 100 }), forgetsDeadline] }, (scope) =>
      scope.run({ name: 'load', interceptors: [retry({ delayMs: 200, jitter: 'none' })] }, () => Promise.reject(new Error('reset'))),
    );
  const settled = work.catch((error: unknown) => error);
  await clock.advance(100);
  const error = await settled;
  expect(error).toMatchObject({ code: 'TW_TIMEOUT', data: { operation: 'request' } });
  expect(error).not.toHaveProperty('cause');
});
