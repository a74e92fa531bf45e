import { errorTypes } from '@tracewright/conventions';
import { type Cancellation, type CancelledBy, cancelledBy } from './cancellation.ts';
import { isTracewrightError } from './errors.ts';
import { whatFailed } from './fatal.ts';

/** How failed work ended: by a failure of its own, or because somebody cancelled it. */
export type Failure =
  | {
      readonly outcome: 'error';
      readonly error: unknown;
      readonly errorType: string;
      /** What the caller gets in place of `error`, where that failed the lifecycle around by `fatal`. */
      readonly thrown?: Error | undefined;
    }
  | { readonly outcome: 'cancelled'; readonly error: unknown; readonly by: CancelledBy; readonly errorType: string };

/**
 * Decides, once, what an error means. It is a cancellation when the error is the abort reason, wraps it, or is the abort error that libraries throw in its
 * place, or an abort error that one of our own reasons caused; anything else is a failure even where somebody had cancelled. What `fatal` throws stands for the error that it was given.
 */
export function classify(error: unknown, cancellation: Cancellation): Failure {
  try {
    return judge(error, cancellation);
  } catch {
    // An error whose own properties throw when they are read: that it failed is all that can be told.
    return { outcome: 'error', error, errorType: errorTypes.other };
  }
}

function judge(error: unknown, cancellation: Cancellation): Failure {
  const failed = whatFailed(error);
  // That lifecycle is aborted by now, and `error` looks as if it spoke of it: it is why.
  if (failed !== error && error instanceof Error) return { outcome: 'error', error: failed, errorType: errorTypeOf(failed), thrown: error };
  const errorType = errorTypeOf(error);
  if (isTracewrightError(error, 'TW_TIMEOUT')) return { outcome: 'cancelled', error, by: 'timeout', errorType };
  if (cancellation.aborted && speaksOf(error, cancellation.reason)) {
    return { outcome: 'cancelled', error, by: cancelledBy(cancellation.reason), errorType };
  }
  const reason = isTracewrightError(error, 'TW_CANCELLED') ? error : reasonBehindAbort(error);
  if (reason !== undefined) return { outcome: 'cancelled', error, by: cancelledBy(reason), errorType };
  return { outcome: 'error', error, errorType };
}

/**
 * Work that its client or consumer no longer wants has not failed. A time-out and a shutdown have cost somebody a result: those are failures.
 */
export function isFault(failure: Failure): boolean {
  return failure.outcome === 'error' || failure.by === 'timeout' || failure.by === 'shutdown';
}

/** How far a chain of causes is followed; a longer one is a mistake or a cycle. */
const maxCauses = 8;

function speaksOf(error: unknown, reason: unknown): boolean {
  let current = error;
  for (let depth = 0; depth < maxCauses && current !== undefined; depth += 1) {
    if (current === reason || isAbortError(current)) return true;
    current = current instanceof Error ? current.cause : undefined;
  }
  return false;
}

/** Why work was aborted that had a signal of somebody else: the reason of ours that an abort error has among its causes. */
function reasonBehindAbort(error: unknown): unknown {
  let current = error;
  let isAbort = false;
  for (let depth = 0; depth < maxCauses && current instanceof Error; depth += 1) {
    if (isAbort && (isTracewrightError(current, 'TW_CANCELLED') || isTracewrightError(current, 'TW_TIMEOUT'))) return current;
    isAbort ||= isAbortError(current);
    current = current.cause;
  }
  return undefined;
}

function isAbortError(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || ('code' in error && error.code === 'ABORT_ERR'));
}

/** Node's and our codes: upper case, so that a message in `code` does not become a value of unbounded cardinality. */
const codeShape = /^[A-Z][A-Z0-9_]{1,63}$/;

/** A name as programs have them: a name can be set to any text, and `error.type` passes every content policy. */
const nameShape = /^[A-Za-z_$][\w$.-]{0,99}$/;

/** The value of `error.type`: the code of the error where it has one, else its class, else OpenTelemetry's fallback. Never throws. */
export function errorTypeOf(error: unknown): string {
  try {
    if (typeof error !== 'object' || error === null) return errorTypes.other;
    const code: unknown = 'code' in error ? error.code : undefined;
    if (typeof code === 'string' && codeShape.test(code)) return code;
    if (error instanceof Error)
      return [error.name, error.constructor.name].find((name) => typeof name === 'string' && nameShape.test(name)) ?? errorTypes.other;
  } catch {
    // An error whose own properties throw: its class cannot be told.
  }
  return errorTypes.other;
}
