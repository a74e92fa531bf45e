import { isTracewrightError } from '../kernel/errors.ts';

/**
 * Whether trying again may help, as far as the error tells: its own `retryable`, else our code (only a time-out), else the HTTP status of it or of its `response`,
 * else everything that is no mistake in a program. A `TypeError` with a cause is none: `fetch failed`.
 *
 * An error whose properties cannot be read is not tried again.
 */
export function isRetryable(error: unknown): boolean {
  try {
    return judge(error);
  } catch {
    return false;
  }
}

function judge(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return true;
  const { retryable, response } = error as Readonly<Record<string, unknown>>; // Errors carry anything: both are checked before they are used.
  if (typeof retryable === 'boolean') return retryable;
  if (isTracewrightError(error)) return error.code === 'TW_TIMEOUT';
  const status = statusOf(error) ?? statusOf(response);
  return status === undefined ? !isMistake(error) : passingFailures.has(status);
}

/** Request time-out, too early, too many requests, and what passes in a server or a gateway. 501 and 505 do not. */
const passingFailures: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

function statusOf(holder: unknown): number | undefined {
  if (typeof holder !== 'object' || holder === null) return undefined;
  const { status, statusCode } = holder as Readonly<Record<string, unknown>>; // Checked in the next line.
  return [status, statusCode].find(isFailure);
}

function isFailure(status: unknown): status is number {
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status < 600;
}

function isMistake(error: object): boolean {
  if (error instanceof TypeError) return error.cause === undefined;
  return error instanceof ReferenceError || error instanceof SyntaxError || error instanceof RangeError;
}
