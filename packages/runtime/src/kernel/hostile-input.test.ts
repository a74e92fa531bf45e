import { getEventListeners } from 'node:events';
import { context, propagation, trace } from '@opentelemetry/api';
import { currentScope, type Interceptor, systemClock, user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const silence = (): Promise<never> => new Promise(() => undefined);

test('G1: a result that cannot be awaited rejects and ends the span', async () => {
  using traces = recordTraces();
  const broken = {
    // oxlint-disable-next-line unicorn/no-thenable -- the fault under test
    get then(): never {
      throw new Error('cannot be read');
    },
  };
  await expect(traces.runtime().run('work', () => broken as never)).rejects.toThrow('cannot be read');
  expect(traces.find('work').ends).toBe(1);
});

test('G5: a promise that begins when it is awaited runs inside the operation', async () => {
  using traces = recordTraces();
  class Lazy<T> extends Promise<T> {
    // oxlint-disable-next-line unicorn/no-thenable -- what lazy promises do
    override then<R1 = T, R2 = never>(resolve?: ((value: T) => R1 | PromiseLike<R1>) | null): Promise<R1 | R2> {
      return Promise.resolve(currentScope()?.principal.id ?? 'nobody').then(resolve as never);
    }
  }
  const query = (): Promise<string> => new Lazy<string>(() => undefined);
  const runtime = traces.runtime();
  await expect(runtime.run('query', query, { as: user('ada') })).resolves.toBe('ada');
  expect(await runtime.scope.as(user('bob'), query)()).toBe('bob');
});

test('G1: listeners that a body leaves on its signal go with the operation', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const signals: AbortSignal[] = [];
  for (let index = 0; index < 3; index += 1) {
    await runtime.run('work', (scope) => {
      scope.signal.addEventListener('abort', () => undefined);
      signals.push(scope.signal);
    });
  }
  expect(new Set(signals).size).toBe(3);
  expect(signals.map((signal) => getEventListeners(signal, 'abort').length)).toEqual([1, 1, 1]);
});

test('G3: work detached outside any operation takes the context that is active each time, and links to its span', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const seen: unknown[] = [];
  for (const tenant of ['ada', 'bob', undefined]) {
    const baggage =
      tenant === undefined
        ? context.active()
        : propagation.setBaggage(context.active(), propagation.createBaggage({ tenant: { value: tenant } }));
    await context.with(baggage, () =>
      runtime.scope.detach().run('job', () => seen.push(propagation.getActiveBaggage()?.getEntry('tenant')?.value)),
    );
  }
  expect(seen).toEqual(['ada', 'bob', undefined]);
  const host = traces.tracer('http').startSpan('GET /');
  await context.with(trace.setSpan(context.active(), host), () => runtime.scope.detach().run('follow up', () => 1));
  host.end();
  expect(traces.find('follow up').links).toMatchObject([{ spanId: host.spanContext().spanId }]);
});

test('G6: a cancellation that an interceptor hands on is one, and who cancelled is told', async () => {
  using traces = recordTraces();
  const stop = new AbortController();
  const cancels: Interceptor = (scope, next) => next(scope.derive({ signal: stop.signal }));
  const work = traces.runtime().run({ name: 'work', interceptors: [cancels] }, async (scope) => {
    stop.abort();
    scope.signal.throwIfAborted();
  });
  await expect(work).rejects.toMatchObject({ name: 'AbortError' });
  expect(traces.find('work')).toMatchObject({ status: { code: 'UNSET' }, attributes: { 'tracewright.cancelled_by': 'client' } });
});

test.each([[undefined], [{ not: 'text' }]])('G6: an error whose message is %s is a failure like any other', async (message) => {
  using traces = recordTraces();
  await traces
    .runtime()
    .run('work', () => Promise.reject(Object.assign(new Error('x'), { message })))
    .catch(() => undefined);
  expect(traces.find('work')).toMatchObject({
    status: { code: 'ERROR' },
    attributes: { 'error.type': 'Error' },
    events: [{ name: 'exception' }],
  });
});

test('G6: an exception that passes a suppressed operation is recorded once', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime({ suppress: ['middle'] });
  const fail = (): never => {
    throw new Error('once');
  };
  await runtime.run('outer', (scope) => scope.run('middle', (middle) => middle.run('inner', fail))).catch(() => undefined);
  expect(traces.spans.map(({ name, events }) => [name, events.length])).toEqual([
    ['outer', 0],
    ['inner', 1],
  ]);
});

test('G3: headers that name no sender join nothing: the work belongs to the operation around it', async () => {
  using traces = recordTraces();
  await traces.runtime().run('outer', (scope) => {
    void scope.run('inner', silence, { join: {} });
  });
  expect(traces.open).toEqual([]);
  expect(traces.find('inner')).toMatchObject({ links: [], attributes: { 'error.type': 'span_not_ended' } });
});

test('a timer of more than 31 bits does not fire at once', async () => {
  let fired = false;
  const cancel = systemClock.setTimer(() => {
    fired = true;
  }, 2 ** 31);
  await new Promise((resolve) => setTimeout(resolve, 5));
  cancel();
  expect(fired).toBe(false);
});
