import { cache, createRuntime, operation, retry, timeout } from 'tracewright';
import type { Comparison } from '../compare.ts';
import { bareSpan, inBareSpan } from './bare-span.ts';
import { body, leaf } from './leaf.ts';
import { registerSdk } from './stock-sdk.ts';

const bare = 'bare async function';
const withoutCache = 'op(x), not cached';

/**
 * Row 4: a hit in memory, with retry and time-out declared behind it. A hit of ours always has its span, which says who got the value; the goal without one is
 * shown as it is.
 */
export function cacheHit(): Comparison[] {
  const tracer = registerSdk();
  const runtime = createRuntime();
  const { attributes } = runtime.scope.principal;
  const kept = cache({ key: (_scope, value: number) => String(value), ttlMs: 3_600_000 });
  const behind = [retry({ maxAttempts: 3 }), timeout({ timeoutMs: 5000 })];
  const cached = runtime.define(operation({ name: 'op', interceptors: [kept, ...behind] }), body);
  const plain = runtime.define('op', body);
  return [
    {
      title: 'cache hit',
      variants: {
        [bare]: () => leaf(1),
        [bareSpan]: inBareSpan(tracer, attributes),
        'op(x)': () => cached(1),
        [withoutCache]: () => plain(1),
      },
      ratios: [
        { figure: '4', of: 'op(x)', to: bare },
        { figure: '4 span', of: 'op(x)', to: bareSpan },
        { figure: '4 to not cached', of: 'op(x)', to: withoutCache },
      ],
    },
  ];
}
