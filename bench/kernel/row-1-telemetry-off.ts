import { createRuntime } from 'tracewright';
import type { Comparison } from '../compare.ts';
import { body, leaf } from './leaf.ts';
import { registerContextManager } from './stock-sdk.ts';

const bare = 'bare async function';

/** Row 1: an operation where no telemetry is set up, but a context manager is live, against the awaited function itself. */
export function telemetryOff(): Comparison[] {
  registerContextManager();
  const runtime = createRuntime();
  const { scope } = runtime;
  const defined = runtime.define('op', body);
  return [
    {
      title: 'telemetry off',
      variants: {
        [bare]: () => leaf(1),
        'op(x)': () => defined(1),
        'op.in(scope, x)': () => defined.in(scope, 1),
        'scope.run': () => scope.run('op', () => leaf(1)),
      },
      ratios: [
        { figure: '1', of: 'op(x)', to: bare },
        { figure: '1 in', of: 'op.in(scope, x)', to: bare },
        { figure: '1 run', of: 'scope.run', to: bare },
      ],
    },
  ];
}
