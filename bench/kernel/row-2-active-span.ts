import { createRuntime } from 'tracewright';
import type { Comparison } from '../compare.ts';
import { body, leaf } from './leaf.ts';
import { registerSdk } from './stock-sdk.ts';

const sameWork = 'bare span, same attributes';
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
        [sameWork]: () =>
          tracer.startActiveSpan('op', { attributes }, async (span) => {
            try {
              return await leaf(1);
            } finally {
              span.end();
            }
          }),
        [noAttributes]: () =>
          tracer.startActiveSpan('op', async (span) => {
            try {
              return await leaf(1);
            } finally {
              span.end();
            }
          }),
        'op(x)': () => defined(1),
        'scope.run': () => scope.run('op', () => leaf(1)),
      },
      ratios: [
        { figure: '2', of: 'op(x)', to: sameWork },
        { figure: '2 bare', of: 'op(x)', to: noAttributes },
        { figure: '2 run', of: 'scope.run', to: sameWork },
      ],
    },
  ];
}
