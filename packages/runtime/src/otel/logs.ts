import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import { context } from '@opentelemetry/api';
import { attributes, events } from '@tracewright/conventions';
import { logSink } from '../kernel/logs.ts';
import type { ChosenExporter } from './exporter-choice.ts';
import { otlpSettings } from './otlp-settings.ts';
import type { Pipeline, PipelineSettings } from './pipeline.ts';
import { processNonce } from './process-nonce.ts';
import { batchSettings, logRecordLimits } from './sdk-limits.ts';
import { type ExportFailures, watchedExporter } from './watched-exporter.ts';

/** Log records, sent in batches; to the console one by one. */
export async function logPipeline(settings: PipelineSettings): Promise<Pipeline> {
  const { environment, resource } = settings;
  const sdk = await import('@opentelemetry/sdk-logs');
  const { logs } = await import('@opentelemetry/api-logs');
  const failures: ExportFailures = { count: 0, last: undefined };
  const processors = [];
  for (const choice of settings.exporters) {
    const exporter = watchedExporter(await makeExporter(choice, settings), failures);
    const batched = { exporter, ...batchSettings('OTEL_BLRP', environment) };
    processors.push(choice === 'console' ? new sdk.SimpleLogRecordProcessor({ exporter }) : new sdk.BatchLogRecordProcessor(batched));
  }
  const provider = new sdk.LoggerProvider({ resource, processors, logRecordLimits: logRecordLimits(environment) });
  return {
    signal: 'logs',
    slot: { name: 'logs', register: () => logs.setGlobalLoggerProvider(provider) === provider, disable: () => logs.disable() },
    failures,
    flush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
  };
}

/** Tells, once, which process the telemetry comes from. */
export function emitBootRecord(): void {
  logSink(undefined).emit({
    eventName: events.boot.name,
    severity: 'INFO',
    attributes: { [attributes.processNonce.key]: processNonce() },
    context: context.active(),
  });
}

async function makeExporter(choice: ChosenExporter, { environment }: PipelineSettings): Promise<LogRecordExporter> {
  if (choice === 'console') return new (await import('@opentelemetry/sdk-logs')).ConsoleLogRecordExporter();
  // The author promises an exporter of this signal; its type is structural so that the public types need no SDK.
  if (choice !== 'otlp') return choice as LogRecordExporter;
  const { OTLPLogExporter } = await import('@opentelemetry/exporter-logs-otlp-proto');
  // The exporter's enum of compressions has the very texts of our union as values.
  return new OTLPLogExporter(otlpSettings('logs', environment) as ConstructorParameters<typeof OTLPLogExporter>[0]);
}
