import type { SpanKind, Tracer } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { createRuntime, type Runtime } from 'tracewright';
import { registerContextManager } from '../kernel/stock-sdk.ts';
import { MeteringProcessor } from './meter.ts';

/** A stock SDK whose processor only counts, for both sides of a comparison. */
export interface MeteredSdk {
  readonly processor: MeteringProcessor;
  readonly tracer: Tracer;
  readonly runtime: Runtime;
}

export function meteredSdk(kind: SpanKind.CONSUMER | SpanKind.PRODUCER): MeteredSdk {
  registerContextManager();
  const processor = new MeteringProcessor(kind);
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [processor] });
  return { processor, tracer: tracerProvider.getTracer('bench'), runtime: createRuntime({ tracerProvider }) };
}
