import { createRuntime, operation, retry, timeout } from 'tracewright';
import type { Comparison } from '../compare.ts';
import { bareSpan, inBareSpan } from './bare-span.ts';
import { body } from './leaf.ts';
import { registerSdk } from './stock-sdk.ts';

/** Row 3: an operation with a retry and a time-out that have nothing to do, against the span alone. */
export function timeoutAndRetry(): Comparison[] {
  const tracer = registerSdk();
  const runtime = createRuntime();
  const { attributes } = runtime.scope.principal;
  const timed = timeout({ timeoutMs: 5000 });
  const retried = retry({ maxAttempts: 3 });
  const both = runtime.define(operation({ name: 'op', interceptors: [retried, timed] }), body);
  const onlyTimeout = runtime.define(operation({ name: 'op', interceptors: [timed] }), body);
  const onlyRetry = runtime.define(operation({ name: 'op', interceptors: [retried] }), body);
  return [
    {
      title: 'time-out and retry',
      variants: {
        [bareSpan]: inBareSpan(tracer, attributes),
        'op(x)': () => both(1),
        'op(x), time-out only': () => onlyTimeout(1),
        'op(x), retry only': () => onlyRetry(1),
      },
      ratios: [
        { figure: '3', of: 'op(x)', to: bareSpan },
        { figure: '3 time-out', of: 'op(x), time-out only', to: bareSpan },
        { figure: '3 retry', of: 'op(x), retry only', to: bareSpan },
      ],
    },
  ];
}
