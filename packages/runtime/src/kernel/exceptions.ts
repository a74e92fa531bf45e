import { attributes, events } from '@tracewright/conventions';
import type { Context, Span } from '@opentelemetry/api';
import { attributesOf } from './ambient.ts';
import { cut } from './attributes.ts';
import type { LogSink } from './logs.ts';
import { errorTypeOf } from './outcome.ts';

/**
 * Where exceptions are recorded, by the specification's variable `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN`: as span events (when absent), as log records
 * (`logs`), or both (`logs/dup`).
 */
export interface ExceptionSignals {
  readonly spanEvents: boolean;
  readonly logs: boolean;
}

export function exceptionSignals(optIn: string | undefined): ExceptionSignals {
  const choices = (optIn ?? '').split(',').map((choice) => choice.trim());
  if (choices.includes('logs/dup')) return { spanEvents: true, logs: true };
  return choices.includes('logs') ? { spanEvents: false, logs: true } : { spanEvents: true, logs: false };
}

/** Room for the text of a status message; the exception has the whole of it. */
const maxStatusLength = 256;

export function statusMessage(error: unknown): string {
  return cut(messageOf(error), maxStatusLength);
}

/** Records an exception once, where `signals` says. May throw where the span or the logger does. */
export function recordException(target: { readonly span: Span; readonly context: Context }, error: unknown, how: ExceptionRecording): void {
  const described = {
    [attributes.exceptionType.key]: errorTypeOf(error),
    [attributes.exceptionMessage.key]: cut(messageOf(error), how.maxLength),
    [attributes.exceptionStacktrace.key]: cut(stackOf(error), how.maxLength),
  };
  const { span, context } = target;
  if (how.signals.spanEvents && span.isRecording()) span.addEvent(events.exception.name, described, how.time);
  // A log record does not depend on the sampling of the trace, and says itself who failed and where.
  if (how.signals.logs)
    how.logs.emit({ eventName: events.exception.name, severity: 'ERROR', attributes: { ...attributesOf(context), ...described }, context });
}

export interface ExceptionRecording {
  readonly signals: ExceptionSignals;
  readonly logs: LogSink;
  readonly maxLength: number;
  readonly time: [number, number] | undefined;
}

function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'an error that cannot be shown';
  }
}

function stackOf(error: unknown): string {
  try {
    return error instanceof Error ? withCauses(error) : '';
  } catch {
    return '';
  }
}

/** How many causes are shown below an error; what matters is near the top. */
const maxCauses = 4;

function withCauses(error: Error): string {
  const stack: unknown = error.stack; // Any value can be assigned to it.
  let text = typeof stack === 'string' ? stack : '';
  let cause = error.cause;
  for (let depth = 0; depth < maxCauses && cause instanceof Error; depth += 1) {
    text += `\nCaused by: ${cause.stack ?? cause.message}`;
    cause = cause.cause;
  }
  return text;
}
