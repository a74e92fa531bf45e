import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRuntime, type Interceptor } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

/** Collects garbage for certain, also where the process was not started with `--expose-gc`. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

test('G1: a hundred thousand operations under one long-lived signal leave no listener and no heap behind', async () => {
  const runtime = createRuntime();
  const service = new AbortController();
  const options = { signal: service.signal };
  const round = async (count: number): Promise<number> => {
    for (let index = 0; index < count; index += 1) {
      await runtime.run(
        'work',
        async (scope) => {
          await scope.run('touches its signal', (inner) => inner.signal.aborted, options);
          for await (const _ of scope.stream('reads a little', () => [1, 2], options)) break;
        },
        options,
      );
    }
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = await round(3000);
  const grownBytes = (await round(33_334)) - before;
  expect(getEventListeners(service.signal, 'abort')).toEqual([]);
  // One listener with its closure holds some 500 bytes: a leak of one for each of the 100,000 operations would be 50 MB.
  expect(grownBytes).toBeLessThan(2 * 1024 * 1024);
}, 60_000);

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

test('a signal reaches all that runs below, and is the same for work that adds none', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  await traces.runtime().run(
    'outer',
    async (scope) => {
      await scope.run('inner', (inner) => {
        expect(inner.signal).toBe(scope.signal);
        client.abort('gone');
        expect([inner.signal.aborted, inner.signal.reason]).toEqual([true, 'gone']);
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
