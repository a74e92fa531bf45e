import { trace } from '@opentelemetry/api';
import type { Sampler, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { ChosenExporter } from './exporter-choice.ts';
import { otlpSettings } from './otlp-settings.ts';
import { nonceProcessor } from './nonce-processor.ts';
import { withoutProbe } from './own-processor.ts';
import type { Pipeline, PipelineSettings } from './pipeline.ts';
import { type SamplerSettings, samplerSettings } from './sampler-settings.ts';
import { batchSettings, spanLimits } from './sdk-limits.ts';
import { spanProcessor } from './span-processor.ts';
import { type ExportFailures, watchedExporter } from './watched-exporter.ts';

type Sdk = typeof import('@opentelemetry/sdk-trace-base');

/** Spans, sent in batches; to the console one by one, so that they are seen when they end. */
export async function tracePipeline(settings: PipelineSettings): Promise<Pipeline> {
  const { exporters, resource, environment, warn } = settings;
  const sdk = await import('@opentelemetry/sdk-trace-base');
  const failures: ExportFailures = { count: 0, last: undefined };
  const processors: SpanProcessor[] = settings.processors.map(withoutProbe);
  for (const choice of exporters) {
    const exporter = watchedExporter(await makeExporter(sdk, choice, settings), failures);
    processors.push(
      choice === 'console'
        ? new sdk.SimpleSpanProcessor(exporter)
        : new sdk.BatchSpanProcessor(exporter, batchSettings('OTEL_BSP', environment)),
    );
  }
  const provider = new sdk.BasicTracerProvider({
    resource,
    sampler: makeSampler(sdk, samplerSettings(environment, warn)),
    spanLimits: spanLimits(environment),
    spanProcessors: [...(settings.spanNonce === undefined ? [] : [nonceProcessor(settings.spanNonce)]), spanProcessor(), ...processors],
  });
  return {
    signal: 'traces',
    slot: { name: 'trace', register: () => trace.setGlobalTracerProvider(provider), disable: () => trace.disable() },
    failures,
    flush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
  };
}

async function makeExporter(sdk: Sdk, choice: ChosenExporter, { environment }: PipelineSettings): Promise<SpanExporter> {
  if (choice === 'console') return new sdk.ConsoleSpanExporter();
  // The author promises an exporter of this signal: the public type is structural, so that it needs no SDK.
  if (choice !== 'otlp') return choice;
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  // The exporter's enum of compressions has the very texts of our union as values.
  return new OTLPTraceExporter(otlpSettings('traces', environment) as ConstructorParameters<typeof OTLPTraceExporter>[0]);
}

function makeSampler(sdk: Sdk, { parentBased, ratio }: SamplerSettings): Sampler {
  const root = ratio === 1 ? new sdk.AlwaysOnSampler() : ratio === 0 ? new sdk.AlwaysOffSampler() : new sdk.TraceIdRatioBasedSampler(ratio);
  return parentBased ? new sdk.ParentBasedSampler({ root }) : root;
}
