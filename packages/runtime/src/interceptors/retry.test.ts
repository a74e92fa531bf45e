import { agent, createRuntime, currentScope, type Interceptor, type Operation, type Scope, user } from 'tracewright';
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

test('work that succeeds at once has one span, which says that it took one try', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  await expect(traces.runtime({ clock }).run(load, failing().body)).resolves.toBe('done');
  expect(clock.pending).toBe(0);
  expect(traces.render({ attributes: ['tracewright.attempts'] })).toMatchInlineSnapshot(`
    "load  service service
       tracewright.attempts = 1"
  `);
});

test('G5: each try of several is a span below the operation, with its own exception, and names who executes and where', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const flaky = failing(new Error('reset'), new Error('refused'));
  const work = traces.runtime({ clock }).run(
    load,
    async (scope) => {
      await scope.run('connect', () => 1);
      return await flaky.body(scope);
    },
    { as: agent('bot', { for: user('ada') }), identity: { extend: { 'plugin.name': 'sales' } } },
  );
  await clock.advance(30);
  await expect(work).resolves.toBe('done');
  expect(traces.render({ attributes: ['tracewright.attempts', 'tracewright.attempt', 'plugin.name'] })).toMatchInlineSnapshot(`
    "load  agent bot for ada
    │  plugin.name = "sales"
    │  tracewright.attempts = 3
    ├─ connect
    │     plugin.name = "sales"
    ├─ attempt  ERROR Error  outcome error
    │     plugin.name = "sales"
    │     tracewright.attempt = 1
    │     ✗ Error: reset
    ├─ attempt  ERROR Error  outcome error
    │  │  plugin.name = "sales"
    │  │  tracewright.attempt = 2
    │  │  ✗ Error: refused
    │  └─ connect
    │        plugin.name = "sales"
    └─ attempt
       │  plugin.name = "sales"
       │  tracewright.attempt = 3
       └─ connect
             plugin.name = "sales""
  `);
});

test('the first try is shown from its start to its failure, and the waits are between the tries', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const startMs = clock.now();
  let calls = 0;
  const work = traces.runtime({ clock }).run(load, async () => {
    calls += 1;
    await clock.sleep(5);
    if (calls < 3) throw new Error('reset');
  });
  await clock.advance(1000);
  await work;
  const timesMs = traces.spans.map(({ name, startTimeUnixNano, endTimeUnixNano = 0n }) => [
    name,
    Number(startTimeUnixNano / 1_000_000n) - startMs,
    Number(endTimeUnixNano / 1_000_000n) - startMs,
  ]);
  expect(timesMs).toEqual([
    ['load', 0, 45],
    ['attempt', 0, 5],
    ['attempt', 15, 20],
    ['attempt', 40, 45],
  ]);
});

test('G6: when all tries are used up the last error is thrown unchanged, and recorded once', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const last = new Error('third');
  const work = traces.runtime({ clock }).run(load, failing(new Error('first'), new Error('second'), last).body);
  const settled = expect(work).rejects.toBe(last);
  await clock.advance(30);
  await settled;
  expect(traces.render({ attributes: ['tracewright.attempts'] })).toMatchInlineSnapshot(`
    "load  ERROR Error  outcome error  service service
    │  tracewright.attempts = 3
    ├─ attempt  ERROR Error  outcome error
    │     ✗ Error: first
    ├─ attempt  ERROR Error  outcome error
    │     ✗ Error: second
    └─ attempt  ERROR Error  outcome error
          ✗ Error: third"
  `);
});

test('G6: what operations inside a try recorded is not recorded again by the try', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const work = traces
    .runtime({ clock })
    .run({ name: 'load', interceptors: [retry({ ...steady, maxAttempts: 2 })] }, (scope) =>
      scope.run('query', () => Promise.reject(new Error('reset'))),
    );
  const settled = expect(work).rejects.toThrow('reset');
  await clock.advance(10);
  await settled;
  expect(traces.render()).toMatchInlineSnapshot(`
    "load  ERROR Error  outcome error  service service
    ├─ query  ERROR Error  outcome error
    │     ✗ Error: reset
    ├─ attempt  ERROR Error  outcome error
    └─ attempt  ERROR Error  outcome error
       └─ query  ERROR Error  outcome error
             ✗ Error: reset"
  `);
});

test('G6: one error object that every try throws is recorded on each', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const same = new Error('made once');
  const settled = expect(traces.runtime({ clock }).run(load, failing(same, same, same).body)).rejects.toBe(same);
  await clock.advance(30);
  await settled;
  expect(traces.spans.map(({ name, events }) => [name, events.length])).toEqual([
    ['load', 0],
    ['attempt', 1],
    ['attempt', 1],
    ['attempt', 1],
  ]);
});

test('what is not worth a second try fails at once with one span', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const mistake = new TypeError('undefined is not a function');
  await expect(traces.runtime({ clock }).run(load, failing(mistake).body)).rejects.toBe(mistake);
  expect(clock.pending).toBe(0);
  expect(traces.render({ attributes: ['tracewright.attempts'] })).toMatchInlineSnapshot(`
    "load  ERROR TypeError  outcome error  service service
       tracewright.attempts = 1
       ✗ TypeError: undefined is not a function"
  `);
});

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

test('every try runs in its own span, as the same caller, with the same name and inputs', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const seen: unknown[] = [];
  const inputs: unknown[] = [];
  const looks: Interceptor = (scope, next) => {
    inputs.push([scope.name, ...requireScope(scope).parts.inputs]);
    return next(scope);
  };
  const define = traces
    .runtime({ clock })
    .define({ name: 'load', interceptors: [retry(steady), looks] }, async (scope, left: number, right: number) => {
      seen.push([scope.name, scope.principal.id, currentScope() === scope, left + right]);
      await Promise.resolve();
      await currentScope()?.run('query', () => 1);
      if (seen.length < 3) throw new Error('reset');
    });
  const work = define(1, 2);
  await clock.advance(30);
  await work;
  expect(seen).toEqual(Array.from({ length: 3 }, () => ['load', 'service', true, 3]));
  expect(inputs).toEqual(Array.from({ length: 3 }, () => ['load', 1, 2]));
  const attempts = traces.spans.filter(({ name }) => name === 'attempt').map(({ spanId }) => spanId);
  expect(traces.spans.filter(({ name }) => name === 'query').map(({ parentSpanId }) => parentSpanId)).toEqual([
    traces.find('load').spanId,
    ...attempts.slice(1),
  ]);
});

test('the waits double up to their maximum, and full jitter draws them between nothing and that', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const startsOf = async (options: Parameters<typeof retry>[0]): Promise<number[]> => {
    const starts: number[] = [];
    const begin = clock.monotonic();
    const work = traces.runtime({ clock }).run({ name: 'load', interceptors: [retry(options)] }, () => {
      starts.push(clock.monotonic() - begin);
      return Promise.reject(new Error('reset'));
    });
    const settled = expect(work).rejects.toThrow('reset');
    await clock.advance(10_000);
    await settled;
    return starts;
  };
  expect(await startsOf({ maxAttempts: 5, delayMs: 100, maxDelayMs: 300, jitter: 'none' })).toEqual([0, 100, 300, 600, 900]);
  expect(await startsOf({ maxAttempts: 4, delayMs: 100, random: () => 0.5 })).toEqual([0, 50, 150, 350]);
  expect(await startsOf({ maxAttempts: 4, delayMs: 0 })).toEqual([0, 0, 0, 0]);
  expect(await startsOf({ random: () => 0.5 })).toEqual([0, 100, 300]);
  expect(await startsOf({ maxAttempts: 1 })).toEqual([0]);
});

test('a wait that the other side asks for is kept, unless it is longer than allowed', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const busy = (retryAfterMs: number): Error => Object.assign(new Error('busy'), { status: 429, retryAfterMs });
  const work = runtime.run(load, failing(busy(400), busy(1)).body);
  await clock.advance(399);
  expect(traces.spans.length).toBe(2);
  // The second wait is its own 20 ms, as less was asked for.
  await clock.advance(21);
  await expect(work).resolves.toBe('done');

  const strict: Operation = { name: 'strict', interceptors: [retry({ ...steady, maxRetryAfterMs: 399 })] };
  await expect(runtime.run(strict, failing(busy(400)).body)).rejects.toThrow('busy');
  await expect(runtime.run(load, failing(busy(30_001)).body)).rejects.toThrow('busy');
});

test('the author decides in place of the rules, and is told which try it was', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const asked: unknown[] = [];
  const retryable = (error: unknown, { attempt }: { readonly attempt: number }): boolean => {
    asked.push([error, attempt]);
    return error === 'again';
  };
  const work = traces
    .runtime({ clock })
    .run({ name: 'load', interceptors: [retry({ ...steady, retryable })] }, failing('again', 'enough').body);
  const settled = expect(work).rejects.toBe('enough');
  await clock.advance(10);
  await settled;
  expect(asked).toEqual([
    ['again', 1],
    ['enough', 2],
  ]);
});

test('a decision that throws, or gives no decision, ends the operation with what is wrong, and the error it was asked about as the cause', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime({ clock: fakeClock() });
  const failure = new Error('reset');
  const mistake = new TypeError('a bug in the decision');
  const deciding = (retryable: () => unknown): Operation => ({
    name: 'load',
    // The wrong type is the point.
    interceptors: [retry({ ...steady, retryable: retryable as () => boolean })],
  });
  await expect(
    runtime.run(
      deciding(() => {
        throw mistake;
      }),
      failing(failure).body,
    ),
  ).rejects.toBe(mistake);
  expect(mistake.cause).toBe(failure);
  await expect(
    runtime.run(
      deciding(async () => true),
      failing(failure).body,
    ),
  ).rejects.toMatchObject({ code: 'TW_BAD_OPTION', cause: failure });
});

test('a decision that throws what cannot take a cause, or has one, ends the operation with that as it is', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime({ clock: fakeClock() });
  const failure = new Error('reset');
  const cause = new Error('its own');
  for (const thrown of [failure, 'text', Object.freeze(new Error('frozen')), new Error('caused', { cause })]) {
    const retryable = (): never => {
      throw thrown;
    };
    await expect(runtime.run({ name: 'load', interceptors: [retry({ ...steady, retryable })] }, failing(failure).body)).rejects.toBe(
      thrown,
    );
    expect(thrown instanceof Error ? thrown.cause : undefined).toBe(
      thrown instanceof Error && thrown.message === 'caused' ? cause : undefined,
    );
  }
});

test('an interceptor inside that throws at once is tried again like one that rejects', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  let calls = 0;
  const throwing: Interceptor = (scope, next) => {
    calls += 1;
    if (calls < 3) throw new Error('no route');
    return next(scope);
  };
  const work = traces.runtime({ clock }).run({ name: 'load', interceptors: [retry(steady), throwing] }, () => 'done');
  await clock.advance(30);
  await expect(work).resolves.toBe('done');
});

test('an operation without a span of its own shows its tries below the span above', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const work = traces.runtime({ clock, suppress: ['load'] }).run('request', (scope) => scope.run(load, failing(new Error('reset')).body));
  await clock.advance(10);
  await work;
  expect(traces.render()).toMatchInlineSnapshot(`
    "request  service service
    ├─ attempt  ERROR Error  outcome error
    │     ✗ Error: reset
    └─ attempt"
  `);
});

test('G7: tries of work that carries content tell no message of its errors', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const secret = 'the patient said no';
  const work = traces.runtime({ clock }).run({ ...load, carriesContent: true }, failing(new Error(secret), new Error(secret)).body);
  await clock.advance(30);
  await work;
  expect(traces.spans.filter(({ name }) => name === 'attempt').length).toBe(3);
  expect(new TextDecoder().decode(traces.export())).not.toContain(secret);
});

test('G9: a span that takes no attribute changes no result', async () => {
  using traces = recordTraces();
  const span = new Proxy(traces.tracer('x').startSpan('x'), {
    get(target, key) {
      if (key !== 'setAttribute') return Reflect.get(target, key) as unknown;
      return () => {
        throw new Error('broken span');
      };
    },
  });
  traces.expectProblems();
  const tracerProvider = { getTracer: () => ({ startSpan: () => span, startActiveSpan: () => undefined as never }) };
  await expect(createRuntime({ tracerProvider }).run(load, () => 42)).resolves.toBe(42);
});

test.each([
  [{ maxAttempts: 0 }, 'retry.maxAttempts must be a whole number of at least 1, received 0'],
  [{ delayMs: -1 }, 'retry.delayMs must be a finite number of at least 0, received -1'],
  [{ delayMs: 40_000 }, 'retry.delayMs must be at most maxDelayMs (30000), received 40000'],
  [{ maxDelayMs: Number.NaN }, 'retry.maxDelayMs must be a finite number of at least 0, received NaN'],
  [{ maxRetryAfterMs: '1' }, "retry.maxRetryAfterMs must be a finite number of at least 0, received '1'"],
  [{ jitter: 'half' }, "retry.jitter must be 'full' or 'none', received 'half'"],
  [{ retryable: true }, 'retry.retryable must be a function, received true'],
  [{ random: 0.5 }, 'retry.random must be a function, received 0.5'],
  [
    { attempts: 3 },
    'retry.attempts is not an option: there are maxAttempts, delayMs, maxDelayMs, jitter, retryable, maxRetryAfterMs, random',
  ],
])('wrong options are refused where they are given: %j', (options, message) => {
  // The wrong types are the point.
  expect(() => retry(options as never)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION', message }));
});
