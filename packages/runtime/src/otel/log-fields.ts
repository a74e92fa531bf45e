import { context, isSpanContextValid, trace } from '@opentelemetry/api';
import { attributesOf } from '../kernel/ambient.ts';
import { guarded } from '../kernel/telemetry.ts';

/**
 * What a log line needs to be found from its trace and back: `trace_id`, `span_id` and `trace_flags` (hexadecimal, as in `traceparent`) of the active
 * span, then identity and caller of the active scope. Empty where nothing is active. A new object each time, free to be changed. Never throws.
 */
export function logFields(): Record<string, unknown> {
  return guarded('reading the fields of a log line', readFields) ?? {};
}

/**
 * The same for pino: `pino({ mixin: pinoMixin })`. A field set at the call site wins.
 */
export function pinoMixin(): Record<string, unknown> {
  return logFields();
}

/** The names are those that OpenTelemetry gives trace context in log formats other than its own. */
function readFields(): Record<string, unknown> {
  const active = context.active();
  const span = trace.getSpanContext(active);
  const ambient = attributesOf(active);
  if (span === undefined || !isSpanContextValid(span)) return { ...ambient };
  return { trace_id: span.traceId, span_id: span.spanId, trace_flags: span.traceFlags.toString(16).padStart(2, '0'), ...ambient };
}
