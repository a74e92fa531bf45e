import { breaker, cache, limit, retry, timeout } from 'tracewright';
import { describe, expect, test } from 'vitest';
import { recordTraces } from '../testing/index.ts';
import { compose, type Interceptor } from './interceptor.ts';
import { operation } from './operation.ts';
import type { Scope } from './scope.ts';

function named(name: string, log: string[]): Interceptor {
  return async (scope, next) => {
    log.push(`${name} in`);
    try {
      return await next(scope);
    } finally {
      log.push(`${name} out`);
    }
  };
}

test('interceptors wrap the body in the order in which they are declared, the first outermost', async () => {
  using traces = recordTraces();
  const log: string[] = [];
  const work = operation({ name: 'work', interceptors: [named('a', log), named('b', log), { around: async (s, next) => next(s) }] });
  await traces.runtime().run(work, () => log.push('body'));
  expect(log).toEqual(['a in', 'b in', 'body', 'b out', 'a out']);
});

test('no interceptors, or only such that look at items, give no chain', () => {
  expect(compose([]).chain).toBeUndefined();
  expect(compose([{ item: (item) => item }]).chain).toBeUndefined();
});

test('the span of the operation is outside all interceptors', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const audited: Interceptor = async (scope, next) => {
    await scope.run('before', () => undefined);
    return next(scope);
  };
  await runtime.run({ name: 'work', interceptors: [audited] }, (scope) => scope.run('inside', () => undefined));
  expect(traces.render()).toMatchInlineSnapshot(`
    "work  service service
    ├─ before
    └─ inside"
  `);
});

describe('next', () => {
  const misuse: Readonly<Record<string, Interceptor>> = {
    running: async (scope, next) => {
      const first = next(scope);
      void next(scope);
      return first;
    },
    succeeded: async (scope, next) => {
      await next(scope);
      return next(scope);
    },
  };

  test.each(Object.entries(misuse))('is refused a second time when it is %s', async (state, interceptor) => {
    using traces = recordTraces();
    let calls = 0;
    const run = traces.runtime().run({ name: 'work', interceptors: [interceptor] }, () => (calls += 1));
    await expect(run).rejects.toMatchObject({ code: 'TW_NEXT_MISUSED', data: { operation: 'work', state } });
    expect(calls).toBe(1);
  });

  test('may be called again after it has failed', async () => {
    using traces = recordTraces();
    const again: Interceptor = async (scope, next) => next(scope).catch(() => next(scope));
    let calls = 0;
    const body = (): number => {
      calls += 1;
      if (calls === 1) throw new Error('first');
      return calls;
    };
    await expect(traces.runtime().run({ name: 'work', interceptors: [again] }, body)).resolves.toBe(2);
  });

  test.each<[string, Interceptor[]]>([
    ['nothing', []],
    ['a retry', [retry()]],
  ])('rejects when it is handed no scope, and may be called again, with %s inside', async (_, inside) => {
    using traces = recordTraces();
    const none = undefined as unknown as Scope;
    const careless: Interceptor = (scope, next) => next(none).catch(() => next(scope));
    await expect(traces.runtime().run({ name: 'work', interceptors: [careless, ...inside] }, () => 'done')).resolves.toBe('done');
  });

  const built = {
    breaker: breaker(),
    limit: limit({ concurrency: 1 }),
    cache: cache({ key: 'key', ttlMs: 1000 }),
    retry: retry({ maxAttempts: 1 }),
    timeout: timeout({ timeoutMs: 1000 }),
  };

  test.each(Object.entries(built))('of %s is a promise, whatever the interceptor inside of it does', async (_, outer) => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const broken = new Error('no promise');
    const throwing: Interceptor = () => {
      throw broken;
    };
    const atOnce = (() => 'at once') as unknown as Interceptor;
    await expect(runtime.run({ name: 'work', interceptors: [outer, throwing] }, () => 'done')).rejects.toBe(broken);
    await expect(runtime.run({ name: 'work', interceptors: [outer, atOnce] }, () => 'done')).resolves.toBe('at once');
  });

  test('is refused once the interceptor has settled', async () => {
    using traces = recordTraces();
    let late: (() => Promise<unknown>) | undefined;
    const keeping: Interceptor = async (scope, next) => {
      late = () => next(scope);
      throw new Error('gave up');
    };
    await expect(traces.runtime().run({ name: 'work', interceptors: [keeping] }, () => 1)).rejects.toThrow('gave up');
    expect(() => late?.()).toThrow('called next after the interceptor had settled');
  });

  test('that is never called leaves the body out', async () => {
    using traces = recordTraces();
    const stub: Interceptor = async <T>(_scope: Scope, _next: (scope: Scope) => Promise<T>) => undefined as T;
    let called = false;
    await traces.runtime().run({ name: 'work', interceptors: [stub] }, () => {
      called = true;
    });
    expect(called).toBe(false);
  });
});

test.each([[null], [3], [{ around: 1 }], [{ item: 'x' }], [{ arround: () => undefined }]])('%j is refused as an interceptor', (wrong) => {
  expect(() => operation({ name: 'work', interceptors: [wrong as unknown as Interceptor] })).toThrow(/^operation\.interceptors\[0\]/);
});
