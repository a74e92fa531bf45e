import { getEventListeners } from 'node:events';
import { createRuntime, currentScope, type Interceptor, isTracewrightError, type Operation, type Scope } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { timeout } from './timeout.ts';

const hang = (): Promise<never> => new Promise(() => undefined);

/** Work that ends with the reason of its signal as soon as that aborts. */
const untilAborted = (scope: Scope): Promise<never> =>
  new Promise((_, reject) => scope.signal.addEventListener('abort', () => reject(scope.signal.reason), { once: true }));

const isBareTimeout = (error: unknown): boolean => isTracewrightError(error, 'TW_TIMEOUT') && error.cause === undefined;

/** A gate that a test opens. */
function gate<T>(): { readonly opened: Promise<T>; open(value: T): void; fail(error: unknown): void } {
  let open: (value: T) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const opened = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { opened, open: (value) => open(value), fail: (error) => fail(error) };
}

const load: Operation = { name: 'load', interceptors: [timeout({ timeoutMs: 100 })] };

test('work that ends in time gives its value, and leaves no timer', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const work = traces.runtime({ clock }).run(load, async (scope) => {
    await clock.sleep(99);
    return scope.signal.aborted;
  });
  await clock.advance(99);
  await expect(work).resolves.toBe(false);
  expect(clock.pending).toBe(0);
  expect(traces.render()).toBe('load  service service');
});

test('G6: work that takes too long fails with the reason that its signal aborted with, cancelled by the time-out', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  let reason: unknown;
  const work = traces.runtime({ clock }).run(load, (scope) => {
    scope.signal.addEventListener('abort', () => (reason = scope.signal.reason));
    return untilAborted(scope);
  });
  const settled = work.catch((error: unknown) => error);
  await clock.advance(100);
  const error = await settled;
  expect(error).toBe(reason);
  expect(error).toMatchObject({
    code: 'TW_TIMEOUT',
    message: 'load took longer than 100 ms',
    data: { timeoutMs: 100, operation: 'load', per: 'try' },
  });
  expect(clock.pending).toBe(0);
  expect(traces.render()).toMatchInlineSnapshot(`
    "load  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout  service service
       ✗ TW_TIMEOUT: load took longer than 100 ms"
  `);
});

test('G1: what ends by its signal ends as cancelled by the time-out, not as forgotten, and records the exception once', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const work = traces
    .runtime({ clock })
    .run(load, (scope) =>
      Promise.all([
        scope.run('query', (child) => child.run('row', untilAborted)),
        scope.run('count', (child) => untilAborted(child).catch((error: unknown) => Promise.resolve().then(() => Promise.reject(error)))),
      ]),
    );
  const settled = expect(work).rejects.toMatchObject({ code: 'TW_TIMEOUT' });
  await clock.advance(100);
  await settled;
  expect(traces.render()).toMatchInlineSnapshot(`
    "load  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout  service service
    ├─ query  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout
    │  └─ row  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout
    │        ✗ TW_TIMEOUT: load took longer than 100 ms
    └─ count  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout
          ✗ TW_TIMEOUT: load took longer than 100 ms"
  `);
});

test('G1: work that ignores its signal does not hold the operation: what it left open ends with it, and what it throws later is nobody’s', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const late = gate<never>();
  const work = traces.runtime({ clock }).run(load, (scope) => scope.run('deaf', () => late.opened));
  const settled = expect(work).rejects.toMatchObject({ code: 'TW_TIMEOUT' });
  await clock.advance(100);
  await settled;
  late.fail(new Error('too late'));
  await clock.advance(1000);
  expect(traces.render()).toMatchInlineSnapshot(`
    "load  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout  service service
    │  ✗ TW_TIMEOUT: load took longer than 100 ms
    └─ deaf  ERROR span_not_ended  outcome error"
  `);
});

test.each([
  ['a value', (scope: Scope) => untilAborted(scope).catch(() => 'late')],
  ['the reason', untilAborted],
  [
    'what libraries throw for it',
    (scope: Scope) => untilAborted(scope).catch(() => Promise.reject(new DOMException('gone', 'AbortError'))),
  ],
  [
    'an error around it',
    (scope: Scope) => untilAborted(scope).catch((cause: unknown) => Promise.reject(new Error('load failed', { cause }))),
  ],
  ['nothing', hang],
])('a time-out that work answers with %s is thrown as it is', async (_, body: (scope: Scope) => Promise<unknown>) => {
  using traces = recordTraces();
  const clock = fakeClock();
  const work = traces.runtime({ clock }).run(load, body);
  const settled = expect(work).rejects.toSatisfy(isBareTimeout);
  await clock.advance(100);
  await settled;
});

test('an error of its own that work throws in its last turn is the cause of the time-out', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const failure = new Error('cannot roll back');
  const work = traces.runtime({ clock }).run(load, (scope) => untilAborted(scope).catch(() => Promise.reject(failure)));
  const settled = expect(work).rejects.toMatchObject({ code: 'TW_TIMEOUT', cause: failure });
  await clock.advance(100);
  await settled;
  expect(traces.find('load').events[0]?.attributes['exception.stacktrace']).toContain('Caused by: Error: cannot roll back');
});

test('an error that comes after the last turn changes the time-out no more', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const late = gate<never>();
  const settled = traces
    .runtime({ clock })
    .run(load, () => late.opened)
    .catch((error: unknown) => error);
  await clock.advance(100);
  late.fail(new Error('too late'));
  await clock.advance(1);
  expect(await settled).toSatisfy(isBareTimeout);
});

test('a failure in time is thrown unchanged, also one of an interceptor that throws at once', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const failure = new Error('no route');
  const throwing: Interceptor = () => {
    throw failure;
  };
  await expect(runtime.run(load, () => Promise.reject(failure))).rejects.toBe(failure);
  await expect(runtime.run({ name: 'throws', interceptors: [timeout({ timeoutMs: 100, totalMs: 200 }), throwing] }, () => 1)).rejects.toBe(
    failure,
  );
  expect(clock.pending).toBe(0);
});

test('work that ran out of time can start no operations any more', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const holdsOn = gate<void>();
  let abandoned: Scope | undefined;
  const waits: Interceptor = async (scope, next) => {
    try {
      return await next(scope);
    } finally {
      await holdsOn.opened;
    }
  };
  const work = traces.runtime({ clock }).run({ name: 'load', interceptors: [waits, timeout({ timeoutMs: 100 })] }, (scope) => {
    abandoned = scope;
    return hang();
  });
  const settled = expect(work).rejects.toMatchObject({ code: 'TW_TIMEOUT' });
  await clock.advance(100);
  await expect(abandoned?.run('late', () => 1)).rejects.toMatchObject({ code: 'TW_CANCELLED', data: { by: 'timeout', operation: 'late' } });
  holdsOn.open();
  await settled;
  expect(traces.spans.map(({ name }) => name)).toEqual(['load']);
});

test('G6: where the client leaves first there is no time-out', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const client = new AbortController();
  const work = traces.runtime({ clock }).run(load, untilAborted, { signal: client.signal });
  const settled = expect(work).rejects.toBe('bored');
  await clock.advance(50);
  client.abort('bored');
  await settled;
  expect(clock.pending).toBe(0);
  expect(traces.render()).toMatchInlineSnapshot(`"load  outcome cancelled  cancelled by client  service service"`);
});

test('G6: work that ignores that its client has left is waited for until its limit, and is the client’s cancellation', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const client = new AbortController();
  const reason = new Error('bored');
  const work = traces.runtime({ clock }).run(load, hang, { signal: client.signal });
  const settled = expect(work).rejects.toBe(reason);
  await clock.advance(50);
  client.abort(reason);
  await clock.advance(50);
  await settled;
  expect(reason.cause).toBeUndefined();
  expect(traces.render()).toMatchInlineSnapshot(`"load  outcome cancelled  cancelled by client  service service"`);
});

test('G11: work with a time-out is cancelled by a shutdown like any other', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const settled = expect(runtime.run(load, untilAborted)).rejects.toMatchObject({ code: 'TW_CANCELLED', data: { by: 'shutdown' } });
  const closing = runtime.close({ timeoutMs: 10 });
  await clock.advance(10);
  await settled;
  await expect(closing).resolves.toMatchObject({ cancelled: ['load'], stuck: [] });
  expect(clock.pending).toBe(0);
});

test('G1: work with a time-out that its owner does not wait for is told when the owner ends', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  let floating: Promise<unknown> = Promise.resolve();
  await runtime.run('owner', (scope) => {
    floating = scope.run(load, untilAborted).catch((error: unknown) => error);
  });
  expect(await floating).toMatchObject({ code: 'TW_SCOPE_ENDED' });
  expect(clock.pending).toBe(0);
});

test('scope.deadline is the nearer one of the operation and of those around it', async () => {
  using traces = recordTraces();
  const clock = fakeClock({ startAt: 1000 });
  const deadlines: (number | undefined)[] = [];
  await traces.runtime({ clock }).run('outermost', async (scope) => {
    deadlines.push(scope.deadline);
    await scope.run(load, async (loading) => {
      deadlines.push(loading.deadline);
      for (const timeoutMs of [50, 500])
        await loading.run({ name: 'inner', interceptors: [timeout({ timeoutMs })] }, (inner) => void deadlines.push(inner.deadline));
    });
  });
  expect(deadlines).toEqual([undefined, 1100, 1050, 1100]);
});

test('an operation with a nearer limit of its own does not cancel what is around it', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const work = traces.runtime({ clock }).run(load, async (scope) => {
    const inner = await scope
      .run({ name: 'inner', interceptors: [timeout({ timeoutMs: 50 })] }, untilAborted)
      .catch((error: unknown) => error);
    return [inner, scope.signal.aborted];
  });
  await clock.advance(50);
  expect(await work).toMatchObject([{ code: 'TW_TIMEOUT', data: { operation: 'inner' } }, false]);
});

test('totalMs is around everything, wherever the time-out stands', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const slow: Interceptor = async (scope, next) => {
    await clock.sleep(80);
    return await next(scope);
  };
  const runtime = traces.runtime({ clock });
  const perTry = runtime.run({ name: 'per try', interceptors: [slow, timeout({ timeoutMs: 100 })] }, () => clock.sleep(80));
  const total = runtime.run({ name: 'total', interceptors: [slow, timeout({ totalMs: 100 })] }, () => clock.sleep(80));
  const settled = expect(total).rejects.toMatchObject({ code: 'TW_TIMEOUT', data: { timeoutMs: 100, operation: 'total', per: 'total' } });
  await clock.advance(160);
  await expect(perTry).resolves.toBeUndefined();
  await settled;
});

test('of two limits that pass at once the outer one is told', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const work = traces.runtime({ clock }).run({ name: 'load', interceptors: [timeout({ timeoutMs: 100, totalMs: 100 })] }, untilAborted);
  const settled = expect(work).rejects.toMatchObject({ data: { per: 'total' } });
  await clock.advance(100);
  await settled;
  expect(clock.pending).toBe(0);
});

test('listeners that work puts on its signal run in its operation when the time-out comes', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  let inListener: Scope | undefined;
  let handed: Scope | undefined;
  const settled = traces
    .runtime({ clock })
    .run(load, (scope) => {
      handed = scope;
      scope.signal.addEventListener('abort', () => (inListener = currentScope()));
      return untilAborted(scope);
    })
    .catch(() => undefined);
  await clock.advance(100);
  await settled;
  expect(inListener).toBe(handed);
});

test('G1: ten thousand operations with time-outs under one long-lived signal leave no listener and no timer', async () => {
  const clock = fakeClock();
  const runtime = createRuntime({ clock });
  const service = new AbortController();
  const both: Operation = { name: 'work', interceptors: [timeout({ timeoutMs: 100, totalMs: 200 })] };
  for (let count = 0; count < 10_000; count += 1) await runtime.run(both, (scope) => scope.signal.aborted, { signal: service.signal });
  expect([getEventListeners(service.signal, 'abort'), clock.pending]).toEqual([[], 0]);
});

test('work that does not touch its signal puts no listener on those above', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  const listeners = await traces
    .runtime({ clock: fakeClock() })
    .run(load, () => getEventListeners(client.signal, 'abort').length, { signal: client.signal });
  expect(listeners).toBe(0);
});

test.each([
  [{}, 'timeout must be { timeoutMs }, { totalMs } or both, received {}'],
  [{ timeoutMs: 0 }, 'timeout.timeoutMs must be a positive, finite number, received 0'],
  [{ totalMs: Number.POSITIVE_INFINITY }, 'timeout.totalMs must be a positive, finite number, received Infinity'],
  [{ timeoutMs: 1, after: 2 }, 'timeout.after is not an option: there are timeoutMs, totalMs'],
  [100, 'timeout must be a plain object, received 100'],
])('wrong options are refused where they are given: %j', (options, message) => {
  // The wrong types are the point.
  expect(() => timeout(options as never)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION', message }));
});
