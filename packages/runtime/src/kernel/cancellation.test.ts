import { getEventListeners } from 'node:events';
import type { Interceptor } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

test('operations that never touch their signal put no listener on it', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  await traces.runtime().run(
    'work',
    (scope) =>
      scope.run('inner', () => {
        expect(getEventListeners(client.signal, 'abort')).toEqual([]);
      }),
    { signal: client.signal },
  );
});

test('a signal reaches all that runs below', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  await traces.runtime().run(
    'outer',
    async (scope) => {
      await scope.run('inner', (inner) => {
        client.abort('gone');
        expect([inner.signal.aborted, inner.signal.reason, scope.signal.reason]).toEqual([true, 'gone', 'gone']);
      });
    },
    { signal: client.signal },
  );
});

test('a signal of one operation cancels nothing beside it', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  await traces.runtime().run('outer', async (scope) => {
    await scope.run(
      'inner',
      (inner) => {
        client.abort();
        expect(inner.signal.aborted).toBe(true);
      },
      { signal: client.signal },
    );
    expect(scope.signal.aborted).toBe(false);
  });
});

test('interceptors run in declaration order, outermost first, inside the span, and may hand on a derived scope', async () => {
  using traces = recordTraces();
  const order: string[] = [];
  const named =
    (name: string): Interceptor =>
    async (scope, next) => {
      order.push(`${name} in`);
      try {
        return await next(scope);
      } finally {
        order.push(`${name} out`);
      }
    };
  const stop = new AbortController();
  const derives: Interceptor = (scope, next) => next(scope.derive({ signal: stop.signal, deadline: 1000 }));
  const runtime = traces.runtime();
  const result = await runtime.run({ name: 'work', interceptors: [named('outer'), named('inner'), derives] }, async (scope) => {
    expect([runtime.scope === scope, scope.deadline, scope.spanContext.spanId]).toEqual([true, 1000, traces.find('work').spanId]);
    expect(traces.open.length).toBe(1);
    stop.abort('enough');
    expect(scope.signal.reason).toBe('enough');
    return order.join();
  });
  expect([result, order]).toEqual(['outer in,inner in', ['outer in', 'inner in', 'inner out', 'outer out']]);
});
