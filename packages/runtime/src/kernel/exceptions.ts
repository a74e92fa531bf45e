import { attributes, events } from '@tracewright/conventions';
import type { Context, Span } from '@opentelemetry/api';
import { attributesOf } from './ambient.ts';
import { isObject } from './check.ts';
import { someError } from './content/content-chain.ts';
import type { ContentGate } from './content/content-gate.ts';
import { type ContentDecision, stricterOf } from './content/content-policy.ts';
import { framesOf, stackOf } from './content/content-stack.ts';
import { RecentTexts } from './content/content-texts.ts';
import type { LogSink } from './logs.ts';
import { errorTypeOf } from './outcome.ts';
import type { Secrets } from './content/redaction.ts';
import { secretsAlong } from './content/redaction-errors.ts';

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

/** What decides how much of an error is told. */
export interface ErrorGate {
  readonly gate: ContentGate;
  /** Whether the work carries content, or the error holds some (`contentLimit`). Type and code are told all the same. */
  readonly isContent: boolean;
  /** The credentials of whoever executed. Those for whom the same error was described before are known by it. */
  readonly secrets: Secrets | undefined;
}

/** Room for the text of a status message; the exception has the whole of it. */
const maxStatusLength = 256;

/** The message of `error` as far as it may be told, else its type. */
export function statusMessage(error: unknown, { gate, isContent, secrets: own }: ErrorGate): string {
  const secrets = secretsAlong(error, own);
  return gate.text(messageOf(error), { place: 'status', isContent, maxLength: maxStatusLength, secrets }) ?? errorTypeOf(error);
}

export interface ExceptionRecording extends ErrorGate {
  readonly signals: ExceptionSignals;
  readonly logs: LogSink;
  readonly time: [number, number] | undefined;
}

/** Records an exception once, where `signals` says, as far as `gate` lets it. May throw where the span or the logger does. */
export function recordException(target: { readonly span: Span; readonly context: Context }, error: unknown, how: ExceptionRecording): void {
  const described = describe(error, how);
  const { span, context } = target;
  if (how.signals.spanEvents && span.isRecording()) span.addEvent(events.exception.name, described, how.time);
  if (!how.signals.logs) return;
  // A log record does not depend on the sampling of the trace, and says itself who failed and where.
  const around = how.gate.attributes(attributesOf(context) ?? {}, 'attribute', how.secrets);
  how.logs.emit({ eventName: events.exception.name, severity: 'ERROR', attributes: { ...around, ...described }, context });
}

function describe(error: unknown, { gate, isContent, secrets: own }: ErrorGate): Record<string, string> {
  const secrets = secretsAlong(error, own);
  const described: Record<string, string> = { [attributes.exceptionType.key]: errorTypeOf(error) };
  const message = gate.text(messageOf(error), { place: 'exception', isContent, secrets });
  if (message !== undefined) described[attributes.exceptionMessage.key] = message;
  // A stack repeats the message and those of the causes: where they may not be told whole, only frames are.
  const stack = gate.decide('exception', isContent) === 'pass' ? stackOf(error) : framesOf(error);
  const told = stack === undefined ? undefined : gate.cleaned(stack, 'exception', secrets);
  if (told !== undefined) described[attributes.exceptionStacktrace.key] = told;
  return described;
}

/** What an error says, or the value that was thrown in its place. Never throws. */
export function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'an error that cannot be shown';
  }
}

/** Errors that came out of work that carries content, and how much of it may be told. Weakly: to know one must not keep it. */
const contentErrors = new WeakMap<object, ContentDecision>();
const contentTexts = new RecentTexts<ContentDecision>();

/** Remembers that the message of `error`, or the text that was thrown in its place, holds content, of which no more may be told than `limit` allows. */
export function markContent(error: unknown, limit: ContentDecision): void {
  if (isObject(error)) contentErrors.set(error, limit);
  else if (typeof error === 'string') contentTexts.remember(error, limit);
}

/** `error`, marked: what schemas and parsers say repeats what they were given. */
export function asContent<Marked extends Error>(error: Marked): Marked {
  markContent(error, 'pass');
  return error;
}

/**
 * The strictest limit with which `error` was marked, or one that it wraps, as its message may repeat theirs; nothing where it holds no content. An error that does not
 * let itself be judged is taken to hold content. Never throws.
 */
export function contentLimit(error: unknown): ContentDecision | undefined {
  let strictest: ContentDecision | undefined;
  const judged = someError(error, (each) => {
    const limit = limitOf(each);
    if (limit !== undefined) strictest = strictest === undefined ? limit : stricterOf(strictest, limit);
    return false;
  });
  return judged === undefined ? (strictest ?? 'pass') : strictest;
}

function limitOf(value: unknown): ContentDecision | undefined {
  if (isObject(value)) return contentErrors.get(value);
  return typeof value === 'string' ? contentTexts.get(value) : undefined;
}

/** Remembers which of `candidates` occur in what `error` says, for all who come to describe it. */
export function rememberSecrets(error: unknown, candidates: Iterable<Secrets>): void {
  const text = `${messageOf(error)}\n${stackOf(error) ?? ''}`;
  for (const secrets of candidates) if (secrets.hide(text) !== text) secretsAlong(error, secrets);
}
