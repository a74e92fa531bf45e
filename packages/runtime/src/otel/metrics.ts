import { metrics } from '@opentelemetry/api';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { ChosenExporter } from './exporter-choice.ts';
import { otlpSettings } from './otlp-settings.ts';
import type { Pipeline, PipelineSettings } from './pipeline.ts';
import { metricReaderSettings } from './sdk-limits.ts';
import { type ExportFailures, watchedExporter } from './watched-exporter.ts';

/** Metrics, collected and sent at an interval and once more when flushed. */
export async function metricPipeline(settings: PipelineSettings): Promise<Pipeline> {
  const sdk = await import('@opentelemetry/sdk-metrics');
  const failures: ExportFailures = { count: 0, last: undefined };
  const readers = [];
  for (const choice of settings.exporters) {
    const exporter = watchedExporter(await makeExporter(choice, settings), failures);
    readers.push(new sdk.PeriodicExportingMetricReader({ exporter, ...metricReaderSettings(settings.environment) }));
  }
  const provider = new sdk.MeterProvider({ resource: settings.resource, readers });
  return {
    signal: 'metrics',
    slot: { name: 'metrics', register: () => metrics.setGlobalMeterProvider(provider), disable: () => metrics.disable() },
    failures,
    flush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
  };
}

async function makeExporter(choice: ChosenExporter, { environment }: PipelineSettings): Promise<PushMetricExporter> {
  if (choice === 'console') return new (await import('@opentelemetry/sdk-metrics')).ConsoleMetricExporter();
  // The author promises an exporter of this signal; its type is structural so that the public types need no SDK.
  if (choice !== 'otlp') return choice as PushMetricExporter;
  const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-proto');
  // The exporter's enum of compressions has the very texts of our union as values.
  return new OTLPMetricExporter(otlpSettings('metrics', environment) as ConstructorParameters<typeof OTLPMetricExporter>[0]);
}
