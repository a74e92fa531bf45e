import { createRuntime } from 'tracewright';
import type { Comparison } from '../compare.ts';
import { bareSpan, endAfterLeaf, inBareSpan } from './bare-span.ts';
import { body, leaf } from './leaf.ts';
import { registerSdk } from './stock-sdk.ts';

const noAttributes = 'bare span, no attributes';

/**
 * Row 2: an operation with its one active span, against the span alone. The verdict is against a bare span with the two attributes that every
 * operation carries; the figure without them is for comparison.
 */
export function activeSpan(): Comparison[] {
  const tracer = registerSdk();
  const runtime = createRuntime();
  const { scope } = runtime;
  const { attributes } = scope.principal;
  const defined = runtime.define('op', body);
  return [
    {
      title: 'active span',
      variants: {
        [bareSpan]: inBareSpan(tracer, attributes),
        [noAttributes]: () => tracer.startActiveSpan('op', endAfterLeaf),
        'op(x)': () => defined(1),
        'scope.run': () => scope.run('op', () => leaf(1)),
      },
      ratios: [
        { figure: '2', of: 'op(x)', to: bareSpan },
        { figure: '2 bare', of: 'op(x)', to: noAttributes },
        { figure: '2 run', of: 'scope.run', to: bareSpan },
      ],
    },
  ];
}
