import {
  breaker,
  cache,
  type Interceptor,
  isTracewrightError,
  limit,
  operation,
  type Operation,
  retry,
  type Scope,
  timeout,
} from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const hang = (): Promise<never> => new Promise(() => undefined);
const codeOf = (error: unknown): unknown => (isTracewrightError(error) ? error.code : error);

/** An operation whose owner ends without waiting for it, and the clock that both have. */
async function abandon(given: readonly Interceptor[], body: (scope: Scope) => unknown) {
  const traces = recordTraces();
  traces.expectProblems();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const op = operation({ name: 'load', interceptors: given });
  let outcome: unknown = 'pending';
  await runtime.run('owner', (scope) => {
    void scope.run(op, body).then(
      (value: unknown) => (outcome = value),
      (error: unknown) => (outcome = codeOf(error)),
    );
    return Promise.resolve().then(() => undefined);
  });
  await clock.advance(1);
  const again = (work: (scope: Scope) => unknown, other: Operation = op): Promise<unknown> => runtime.run(other, work).catch(codeOf);
  return { traces, clock, again, outcome: () => outcome, [Symbol.dispose]: () => traces[Symbol.dispose]() };
}

test('G1: cached work whose only caller is abandoned is told by its signal, and its key is free', async () => {
  const reasons: unknown[] = [];
  const body = ({ signal }: Scope): Promise<never> => {
    signal.addEventListener('abort', () => reasons.push(codeOf(signal.reason)), { once: true });
    return hang();
  };
  using abandoned = await abandon([cache({ key: 'orders', ttlMs: 1000 })], body);
  expect(reasons).toEqual(['TW_SCOPE_ENDED']);
  await expect(abandoned.again(() => 'anew')).resolves.toBe('anew');
});

test('G1: who is abandoned while it waits for a slow store leaves no timer, and its key is free', async () => {
  const store = { get: hang, set: () => undefined };
  using abandoned = await abandon([cache({ key: 'orders', ttlMs: 1000, store, storeTimeoutMs: 500 })], () => 1);
  expect(abandoned.clock.pending).toBe(0);
  expect(abandoned.outcome()).toBe('TW_SCOPE_ENDED');
});

test('G1: who is abandoned while it waits for its turn leaves the queue', async () => {
  let leave: () => void = () => undefined;
  const places = limit({ concurrency: 1, maxQueue: 1, queueTimeoutMs: 1000 });
  using abandoned = await abandon([limitTaken(places, (end) => (leave = end)), places], () => 1);
  expect(abandoned.outcome()).toBe('TW_SCOPE_ENDED');
  expect(abandoned.clock.pending).toBe(0);
  const live = abandoned.again(() => 'live', operation({ name: 'live', interceptors: [places] }));
  leave();
  await expect(live).resolves.toBe('live');
});

/** Takes the one place of a limit before anybody else comes to it. */
function limitTaken(places: Interceptor, handOut: (end: () => void) => void): Interceptor {
  return (scope, next) => {
    const held = new Promise<void>((resolve) => handOut(resolve));
    void scope.detach().run({ name: 'first', interceptors: [places] }, () => held);
    return next(scope);
  };
}

test('G1: a call on trial that is abandoned gives its turn to another', async () => {
  const guard = breaker({ failures: 1, openMs: 100 });
  const opensFirst: Interceptor = async (scope, next) => {
    await scope.run({ name: 'down', interceptors: [guard] }, () => Promise.reject(new Error('down'))).catch(() => undefined);
    return next(scope);
  };
  const waits: Interceptor = async (scope, next) => {
    await scope.detach().run('wait', (own) => own.clock.sleep(100));
    return next(scope);
  };
  using traces = recordTraces();
  traces.expectProblems();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const owner = runtime.run('owner', async (scope) => {
    void scope.run({ name: 'trial', interceptors: [opensFirst, waits, guard] }, hang).catch(() => undefined);
    await clock.sleep(150);
  });
  await clock.advance(120);
  expect(guard.state).toBe('half-open');
  await clock.advance(50);
  await owner;
  await expect(runtime.run({ name: 'next', interceptors: [guard] }, () => 'through')).resolves.toBe('through');
  expect(guard.state).toBe('closed');
});

test('a try that an interceptor inside the retry has cancelled is cancelled on each span, the first and the later ones', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const own: Interceptor = (scope, next) => {
    const controller = new AbortController();
    const result = next(scope.derive({ signal: controller.signal }));
    controller.abort(new Error('not wanted'));
    return result;
  };
  const body = ({ signal }: Scope): Promise<never> => Promise.reject(signal.reason);
  const retried = retry({ delayMs: 1, jitter: 'none', retryable: () => true });
  const work = traces.runtime({ clock }).run({ name: 'load', interceptors: [retried, own] }, async (scope) => {
    await Promise.resolve();
    return body(scope);
  });
  const ended = expect(work).rejects.toThrow('not wanted');
  await clock.advance(10);
  await ended;
  expect(traces.spans.map(({ name, attributes }) => [name, attributes['tracewright.outcome']])).toEqual([
    ['load', 'cancelled'],
    ['attempt', 'cancelled'],
    ['attempt', 'cancelled'],
    ['attempt', 'cancelled'],
  ]);
});

test('a stream that its consumer leaves says nothing to a breaker', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const guard = breaker({ failures: 2, openMs: 100 });
  const read = operation({ name: 'read', interceptors: [guard] });
  const fail = (): Promise<unknown> => runtime.run(read, () => Promise.reject(new Error('down'))).catch(() => undefined);
  const leave = async (): Promise<void> => {
    for await (const _ of runtime.stream(read, () => [1, 2])) break;
  };
  await fail();
  await leave();
  await fail();
  expect(guard.state).toBe('open');
  await clock.advance(100);
  await leave();
  expect(guard.state).toBe('half-open');
  for await (const _ of runtime.stream(read, () => [1, 2])) continue;
  expect(guard.state).toBe('closed');
});

test.each<[string, () => unknown, string]>([
  [
    'a limit for each try above that for all',
    () => timeout({ timeoutMs: 500, totalMs: 100 }),
    'timeout.timeoutMs must be at most totalMs (100), received 500',
  ],
  [
    'more entries than there is room for',
    () => cache({ key: 'a', ttlMs: 1, maxEntries: 2 ** 32 }),
    'maxEntries must be at most 16777216, received 4294967296',
  ],
  ['the same limit twice', () => twice(limit({ concurrency: 1 })), 'operation.interceptors[1] must be one that is not in the list already'],
])('is refused: %s', (_, make, message) => {
  expect(make).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION', message: expect.stringContaining(message) as string }));
});

function twice(interceptor: Interceptor): Operation {
  return operation({ name: 'x', interceptors: [interceptor, interceptor] });
}
