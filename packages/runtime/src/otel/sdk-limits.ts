import type { EnvironmentReader } from './environment.ts';

/** Removes what is not set, so that the SDK's own defaults hold. */
function settled<Key extends string>(given: Readonly<Record<Key, number | undefined>>): Partial<Record<Key, number>> {
  const result: Partial<Record<Key, number>> = {};
  for (const [key, value] of Object.entries<number | undefined>(given)) {
    // Object.entries widens the keys of `given` to string.
    if (value !== undefined) result[key as Key] = value;
  }
  return result;
}

/** Limits of spans: `OTEL_SPAN_*_LIMIT`, else the general `OTEL_ATTRIBUTE_*_LIMIT`. Lengths in characters. */
export function spanLimits(environment: EnvironmentReader) {
  return settled({
    attributeValueLengthLimit:
      environment.number('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 0) ?? environment.number('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', 0),
    attributeCountLimit: environment.number('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 0) ?? environment.number('OTEL_ATTRIBUTE_COUNT_LIMIT', 0),
    linkCountLimit: environment.number('OTEL_SPAN_LINK_COUNT_LIMIT', 0),
    eventCountLimit: environment.number('OTEL_SPAN_EVENT_COUNT_LIMIT', 0),
    attributePerEventCountLimit: environment.number('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', 0),
    attributePerLinkCountLimit: environment.number('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', 0),
  });
}

/** Limits of log records: `OTEL_LOGRECORD_*_LIMIT`, else the general ones. Lengths in characters. */
export function logRecordLimits(environment: EnvironmentReader) {
  return settled({
    attributeValueLengthLimit:
      environment.number('OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT', 0) ?? environment.number('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', 0),
    attributeCountLimit:
      environment.number('OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT', 0) ?? environment.number('OTEL_ATTRIBUTE_COUNT_LIMIT', 0),
  });
}

/** How finished items are gathered before they are sent: `OTEL_BSP_*` for spans, `OTEL_BLRP_*` for log records. Times in milliseconds. */
export function batchSettings(prefix: 'OTEL_BSP' | 'OTEL_BLRP', environment: EnvironmentReader) {
  return settled({
    scheduledDelayMillis: environment.number(`${prefix}_SCHEDULE_DELAY`, 1),
    exportTimeoutMillis: environment.number(`${prefix}_EXPORT_TIMEOUT`, 1),
    maxQueueSize: environment.number(`${prefix}_MAX_QUEUE_SIZE`, 1),
    maxExportBatchSize: environment.number(`${prefix}_MAX_EXPORT_BATCH_SIZE`, 1),
  });
}

const defaultMetricIntervalMs = 60_000;
const defaultMetricTimeoutMs = 30_000;

/** How often metrics are collected and how long one export may take, in milliseconds; the SDK refuses a timeout above the interval. */
export function metricReaderSettings(environment: EnvironmentReader): { exportIntervalMillis: number; exportTimeoutMillis: number } {
  const exportIntervalMillis = environment.number('OTEL_METRIC_EXPORT_INTERVAL', 1) ?? defaultMetricIntervalMs;
  const exportTimeoutMillis = environment.number('OTEL_METRIC_EXPORT_TIMEOUT', 1) ?? defaultMetricTimeoutMs;
  return { exportIntervalMillis, exportTimeoutMillis: Math.min(exportIntervalMillis, exportTimeoutMillis) };
}
