import { context, ROOT_CONTEXT, type Tracer, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, NoopSpanProcessor, type Sampler } from '@opentelemetry/sdk-trace-base';

/** Registers the stock context manager and makes its storage live: from the first use on, every `await` of the process pays for it on Node 20. */
export function registerContextManager(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  context.with(ROOT_CONTEXT, () => undefined);
}

/** Registers the stock SDK with a processor that does nothing, and gives a tracer of its. */
export function registerSdk(sampler?: Sampler): Tracer {
  registerContextManager();
  trace.setGlobalTracerProvider(sdk(sampler));
  return trace.getTracer('bench');
}

/** A provider of the stock SDK that is not registered. */
export function sdk(sampler?: Sampler): BasicTracerProvider {
  return new BasicTracerProvider({ spanProcessors: [new NoopSpanProcessor()], ...(sampler === undefined ? {} : { sampler }) });
}
