import { context, ROOT_CONTEXT, trace, TraceFlags, type Tracer } from '@opentelemetry/api';
import { AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler } from '@opentelemetry/sdk-trace-base';
import { createRuntime, type Runtime } from 'tracewright';
import type { Comparison } from '../compare.ts';
import { endAfterLeaf } from './bare-span.ts';
import { body, leaf } from './leaf.ts';
import { registerContextManager, sdk } from './stock-sdk.ts';

const bare = 'bare async function';
const sampledSpan = 'bare span, sampled';
const unsampledSpan = 'bare span, unsampled';
const operation = 'op(x)';

/**
 * Row 11: an operation that nobody samples: at the top of a trace, below a remote span that is not sampled, and nested in an operation that is not. Against
 * a bare span that is sampled and, nested, against the function; and against what the stock SDK itself needs for an unsampled span.
 */
export function unsampled(): Comparison[] {
  registerContextManager();
  const sampled = sdk().getTracer('bench');
  const off = sdk(new AlwaysOffSampler());
  const parentBased = sdk(new ParentBasedSampler({ root: new AlwaysOnSampler() }));
  const offRuntime = createRuntime({ tracerProvider: off });
  const remote = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: TraceFlags.NONE,
    isRemote: true,
  });
  return [
    { ...variantsOf({ title: 'unsampled, root', figure: '11 root' }, sampled, { tracer: off.getTracer('bench'), runtime: offRuntime }) },
    {
      ...variantsOf({ title: 'unsampled, below a remote span', figure: '11 remote' }, sampled, {
        tracer: parentBased.getTracer('bench'),
        runtime: createRuntime({ tracerProvider: parentBased }),
      }),
      around: (measured) => context.with(remote, measured),
    },
    {
      ...variantsOf({ title: 'unsampled, nested', figure: '11 nested' }, sampled, { tracer: off.getTracer('bench'), runtime: offRuntime }),
      around: (measured) => offRuntime.run('outer', measured),
    },
  ];
}

function variantsOf(
  { title, figure }: { readonly title: string; readonly figure: string },
  sampled: Tracer,
  { tracer, runtime }: { readonly tracer: Tracer; readonly runtime: Runtime },
): Comparison {
  const defined = runtime.define('op', body);
  const { attributes } = runtime.scope.principal;
  return {
    title,
    variants: {
      [bare]: () => leaf(1),
      // A root, whatever surrounds it: below an unsampled parent it would not be sampled either.
      [sampledSpan]: () => sampled.startActiveSpan('op', { attributes, root: true }, endAfterLeaf),
      [unsampledSpan]: () => tracer.startActiveSpan('op', { attributes }, endAfterLeaf),
      [operation]: () => defined(1),
    },
    ratios: [
      { figure, of: operation, to: figure === '11 nested' ? bare : sampledSpan },
      { figure: `${figure}, to the stock SDK`, of: operation, to: unsampledSpan },
    ],
  };
}
