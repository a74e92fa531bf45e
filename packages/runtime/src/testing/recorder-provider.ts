import type { TimeInput, TracerProvider } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  ParentBasedSampler,
  type Sampler,
  type SpanLimits,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { attributes, instrumentationScope } from '@tracewright/conventions';
import { counterIds } from './counter-ids.ts';
import { tracerWithTime } from './span-times.ts';

export interface ProviderOptions {
  /** Default: every trace that begins here, and those that come in sampled. */
  readonly sampler?: Sampler;
  /** Limits of the SDK; those not given are the SDK's own defaults, whatever the environment says. */
  readonly spanLimits?: SpanLimits;
  /** More processors of the SDK, called after the recorder's own. */
  readonly processors?: readonly SpanProcessor[];
}

const defaultLimits = {
  attributeCountLimit: 128,
  attributeValueLengthLimit: Number.POSITIVE_INFINITY,
  eventCountLimit: 128,
  linkCountLimit: 128,
  attributePerEventCountLimit: 128,
  attributePerLinkCountLimit: 128,
} as const satisfies SpanLimits;

interface Wiring {
  /** Processors called before those of the options. */
  readonly first: readonly SpanProcessor[];
  /** Start time of spans of libraries that give none; undefined for real time. */
  readonly timeNow: () => TimeInput | undefined;
}

/** A provider of the SDK that no environment variable and no other test can change. */
export function createRecorderProvider(
  { sampler, spanLimits, processors = [] }: ProviderOptions,
  { first, timeNow }: Wiring,
): TracerProvider {
  const provider = new BasicTracerProvider({
    sampler: sampler ?? new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanLimits: { ...defaultLimits, ...spanLimits },
    resource: resourceFromAttributes({ [attributes.serviceName.key]: 'test' }),
    idGenerator: counterIds(),
    spanProcessors: [...first, ...processors],
  });
  return {
    getTracer(name, version, options) {
      const tracer = provider.getTracer(name, version, options);
      // The runtime gives its own times, and a test would not see it fail to if they were given here.
      return name === instrumentationScope ? tracer : tracerWithTime(tracer, timeNow);
    },
  };
}
