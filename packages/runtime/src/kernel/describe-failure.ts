import { type Context, type Span, SpanStatusCode } from '@opentelemetry/api';
import { attributes } from '@tracewright/conventions';
import { scopeIn } from './context.ts';
import { type ContentDecision, stricterOf } from './content/content-policy.ts';
import type { Secrets } from './content/redaction.ts';
import { secretsAlong } from './content/redaction-errors.ts';
import { contentLimit, markContent, recordException, rememberSecrets, statusMessage } from './exceptions.ts';
import type { KernelSettings } from './kernel.ts';
import { type Failure, isFault } from './outcome.ts';

export interface FailedSpan {
  readonly span: Span;
  /** In which the work ran: its scope says what may be told, and an exception that becomes a log record belongs there. */
  readonly context: Context;
  readonly settings: KernelSettings;
  /** What `learnFailure` gave. */
  readonly limit: ContentDecision | undefined;
  /** Whether the exception is told already, further in. */
  readonly isRecorded: boolean;
}

/** Work that failed. */
export interface FailedWork {
  readonly context: Context;
  readonly settings: KernelSettings;
  readonly carriesContent: boolean;
  /** Credentials of those as whom it acted meanwhile. */
  readonly actedFor: Iterable<Secrets>;
}

/**
 * Remembers of an error what those further out need to know, whether or not a span tells it here: whose credentials it may hold, and how much of it may be
 * told where it holds content. Else it would be gated here and written out on the span around.
 *
 * @returns the limit for its content; nothing where it holds none
 */
export function learnFailure(error: unknown, { context, settings, carriesContent, actedFor }: FailedWork): ContentDecision | undefined {
  const scope = scopeIn(context);
  secretsAlong(error, scope?.secrets);
  rememberSecrets(error, actedFor);
  const before = contentLimit(error);
  if (!carriesContent && before === undefined) return undefined;
  const own = (scope?.gate ?? settings.gate).decide('attribute', true);
  const limit = before === undefined ? own : stricterOf(before, own);
  markContent(error, limit);
  return limit;
}

/** Says on a span how its work failed. May throw where the span or the logger does. */
export function describeFailure(failure: Failure, { span, context, settings, limit, isRecorded }: FailedSpan): void {
  const described: Record<string, string> = { [attributes.outcome.key]: failure.outcome };
  if (failure.outcome === 'cancelled') described[attributes.cancelledBy.key] = failure.by;
  if (!isFault(failure)) {
    span.setAttributes(described);
    return;
  }
  const scope = scopeIn(context);
  const gate = { gate: (scope?.gate ?? settings.gate).noLaxerThan(limit), isContent: limit !== undefined, secrets: scope?.secrets };
  described[attributes.errorType.key] = failure.errorType;
  span.setStatus({ code: SpanStatusCode.ERROR, message: statusMessage(failure.error, gate) });
  span.setAttributes(described);
  if (isRecorded) return;
  recordException({ span, context }, failure.error, { ...gate, ...settings.exceptions, time: settings.spanTime() });
}
