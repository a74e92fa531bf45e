import { startTelemetry } from 'tracewright/otel';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';

/** The telemetry of this process. */
export interface DeskTelemetry {
  /** Where traces are sent beside the terminal. */
  readonly endpoint: string | undefined;
  /** Flushes and closes; what could not be delivered is told to the console. Gives whether all was. */
  close(): Promise<boolean>;
}

/** Shows every span to `printer`, and sends traces, metrics and logs to `OTEL_EXPORTER_OTLP_ENDPOINT` as well where that is set. */
export async function startDeskTelemetry(serviceName: string, printer: SpanProcessor): Promise<DeskTelemetry> {
  const telemetry = await startTelemetry({ serviceName, spanProcessors: [printer] });
  return {
    endpoint: process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] || undefined,
    async close() {
      return (await telemetry.close()).ok;
    },
  };
}
