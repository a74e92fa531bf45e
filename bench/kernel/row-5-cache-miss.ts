import { cache, createRuntime, operation, retry, timeout } from 'tracewright';
import type { Comparison } from '../compare.ts';
import { body, leaf } from './leaf.ts';
import { registerSdk } from './stock-sdk.ts';

const sameWork = 'bare span, same attributes';

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
        [sameWork]: () =>
          tracer.startActiveSpan('op', { attributes }, async (span) => {
            try {
              return await leaf(1);
            } finally {
              span.end();
            }
          }),
        'op(x)': () => {
          next += 1;
          return cached(next);
        },
      },
      ratios: [{ figure: '5', of: 'op(x)', to: sameWork }],
    },
  ];
}
