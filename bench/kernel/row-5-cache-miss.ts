import { cache, createRuntime, operation, retry, timeout } from 'tracewright';
import type { Comparison } from '../compare.ts';
import { bareSpan, inBareSpan } from './bare-span.ts';
import { body } from './leaf.ts';
import { registerSdk } from './stock-sdk.ts';

/** Row 5: a miss, with a cache that is full, so that each entry drives out another. */
export function cacheMiss(): Comparison[] {
  const tracer = registerSdk();
  const runtime = createRuntime();
  const { attributes } = runtime.scope.principal;
  const kept = cache({ key: (_scope, value: number) => String(value), ttlMs: 3_600_000, maxEntries: 10_000 });
  const behind = [retry({ maxAttempts: 3 }), timeout({ timeoutMs: 5000 })];
  const cached = runtime.define(operation({ name: 'op', interceptors: [kept, ...behind] }), body);
  let next = 0;
  return [
    {
      title: 'cache miss',
      variants: {
        [bareSpan]: inBareSpan(tracer, attributes),
        'op(x)': () => {
          next += 1;
          return cached(next);
        },
      },
      ratios: [{ figure: '5', of: 'op(x)', to: bareSpan }],
    },
  ];
}
