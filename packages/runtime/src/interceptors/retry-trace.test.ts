import { diag } from '@opentelemetry/api';
import { agent, currentScope, type Interceptor, type Operation, type Scope, user } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { Cancellation, cancelled } from '../kernel/cancellation.ts';
import { builtIn } from '../kernel/interceptor.ts';
import { requireScope } from '../kernel/running-scope.ts';
import { openShared } from '../kernel/shared-work.ts';
import { retry } from './retry.ts';

/** Work that ends with the reason of its signal as soon as that aborts. */
const untilAborted = (scope: Scope): Promise<never> =>
  new Promise((_, reject) => scope.signal.addEventListener('abort', () => reject(scope.signal.reason), { once: true }));

/** Waits of exactly 10, 20, 40 ms. */
const steady = { delayMs: 10, jitter: 'none' } as const;

/** A body that fails with each of `failures` in turn, then gives `done`. */
function failing(...failures: readonly unknown[]): () => Promise<string> {
  const left = failures.map((error) => ({ error }));
  return async () => {
    const failure = left.shift();
    if (failure !== undefined) throw failure.error;
    return 'done';
  };
}

const load: Operation = { name: 'load', interceptors: [retry(steady)] };

test('work that succeeds at once has one span, which says that it took one try', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  await expect(traces.runtime({ clock }).run(load, failing())).resolves.toBe('done');
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
      return await flaky();
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
  const work = traces.runtime({ clock }).run(load, failing(new Error('first'), new Error('second'), last));
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
  const settled = expect(traces.runtime({ clock }).run(load, failing(same, same, same))).rejects.toBe(same);
  await clock.advance(30);
  await settled;
  expect(traces.spans.map(({ name, events }) => [name, events.length])).toEqual([
    ['load', 0],
    ['attempt', 1],
    ['attempt', 1],
    ['attempt', 1],
  ]);
});

test('a first try that an interceptor further in cancelled is shown as cancelled', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  let calls = 0;
  const impatient: Interceptor = (scope, next) => {
    const stop = new AbortController();
    calls += 1;
    if (calls === 1) clock.setTimer(() => stop.abort(new DOMException('too slow', 'TimeoutError')), 5);
    return next(scope.derive({ signal: stop.signal }));
  };
  const work = traces
    .runtime({ clock })
    .run({ name: 'load', interceptors: [retry(steady), impatient] }, (scope) => (calls === 1 ? untilAborted(scope) : 'done'));
  await clock.advance(15);
  await expect(work).resolves.toBe('done');
  expect(traces.render()).toMatchInlineSnapshot(`
    "load  service service
    ├─ attempt  ERROR TimeoutError  outcome cancelled  cancelled by timeout
    │     ✗ TimeoutError: too slow
    └─ attempt"
  `);
});

test('G3: work that goes on for others when its operation has ended is tried again in traces of its own, linked to that', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  let shared: Promise<unknown> = Promise.resolve();
  /** What a cache does whose first caller leaves: the work goes on for the others. */
  const leaves = builtIn((scope, next) => {
    const cancellation = new Cancellation();
    const handed = openShared(requireScope(scope), cancellation);
    shared = next(handed).finally(() => handed.parts.spans.end());
    return Promise.reject(cancelled('client', 'left'));
  });
  const warnings: unknown[] = [];
  diag.setLogger(
    { error() {}, warn: (...args) => void warnings.push(args), info() {}, debug() {}, verbose() {} },
    { suppressOverrideMessage: true },
  );
  let calls = 0;
  const work = traces.runtime({ clock }).run({ name: 'load', interceptors: [leaves, retry(steady)] }, async (scope) => {
    calls += 1;
    await scope.run('query', () => clock.sleep(5));
    if (calls === 1) throw new Error('reset');
    return 'done';
  });
  await expect(work).rejects.toThrow('left');
  await clock.advance(20);
  await expect(shared).resolves.toBe('done');
  diag.disable();
  expect(warnings).toEqual([]);
  expect(traces.render({ attributes: ['tracewright.attempts'] })).toMatchInlineSnapshot(`
    "load  outcome cancelled  cancelled by client  service service
    │  tracewright.attempts = 1
    ├─ query
    └─ attempt  ERROR Error  outcome error
          ✗ Error: reset

    attempt  service service
    │  → link to load (cause)
    └─ query"
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

test('an operation without a span of its own shows its tries below the span above', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const work = traces.runtime({ clock, suppress: ['load'] }).run('request', (scope) => scope.run(load, failing(new Error('reset'))));
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
  const work = traces.runtime({ clock }).run({ ...load, carriesContent: true }, failing(new Error(secret), new Error(secret)));
  await clock.advance(30);
  await work;
  expect(traces.spans.filter(({ name }) => name === 'attempt').length).toBe(3);
  expect(new TextDecoder().decode(traces.export())).not.toContain(secret);
});
