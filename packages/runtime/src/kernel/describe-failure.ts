import { type Context, type Span, SpanStatusCode } from '@opentelemetry/api';
import { attributes } from '@tracewright/conventions';
import { scopeIn } from './context.ts';
import { recordException, statusMessage } from './exceptions.ts';
import type { KernelSettings } from './kernel.ts';
import { type Failure, isFault } from './outcome.ts';

export interface FailedSpan {
  readonly span: Span;
  /** In which the work ran: its scope says what may be told, and an exception that becomes a log record belongs there. */
  readonly context: Context;
  readonly settings: KernelSettings;
  /** Whether the message is content. */
  readonly isContent: boolean;
  /** Whether the exception is told already, further in. */
  readonly isRecorded: boolean;
}

/** Says on a span how its work failed. May throw where the span or the logger does. */
export function describeFailure(failure: Failure, { span, context, settings, isContent, isRecorded }: FailedSpan): void {
  const described: Record<string, string> = { [attributes.outcome.key]: failure.outcome };
  if (failure.outcome === 'cancelled') described[attributes.cancelledBy.key] = failure.by;
  if (!isFault(failure)) {
    span.setAttributes(described);
    return;
  }
  const scope = scopeIn(context);
  const gate = { gate: scope?.gate ?? settings.gate, isContent, secrets: scope?.secrets };
  described[attributes.errorType.key] = failure.errorType;
  span.setStatus({ code: SpanStatusCode.ERROR, message: statusMessage(failure.error, gate) });
  span.setAttributes(described);
  if (isRecorded) return;
  recordException({ span, context }, failure.error, { ...gate, ...settings.exceptions, time: settings.spanTime() });
}
