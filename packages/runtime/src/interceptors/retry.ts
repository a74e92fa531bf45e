import { requireCount, requireFunction, requireKnownKeys, requirePlainObject } from '../kernel/check.ts';
import { badOption } from '../kernel/errors.ts';
import { builtIn, type Interceptor } from '../kernel/interceptor.ts';
import { requireScope } from '../kernel/running-scope.ts';
import type { Scope } from '../kernel/scope.ts';
import { noteAttempts, type RetryPolicy, tryAgain } from './retry-loop.ts';

export interface RetryOptions {
  /** How often the work is tried at most, the first try included. Default 3. */
  readonly maxAttempts?: number | undefined;
  /** The wait before the second try, doubled for each further one. Milliseconds. Default 200. */
  readonly delayMs?: number | undefined;
  /** What the doubling ends at. Milliseconds. Default 30000. */
  readonly maxDelayMs?: number | undefined;
  /** `full` draws each wait between nothing and its full length, so that clients that failed together do not come back together. Default `full`. */
  readonly jitter?: 'full' | 'none' | undefined;
  /**
   * Decides whether a try is followed by another, in place of the rules below. What it throws ends the operation in place of the error that it was asked about,
   * which becomes the cause.
   */
  readonly retryable?: ((error: unknown, tried: { readonly attempt: number }) => boolean) | undefined;
  /** The longest wait that the other side may ask for; where it asks for more, there is no further try. Milliseconds. Default `maxDelayMs`. */
  readonly maxRetryAfterMs?: number | undefined;
  /** Draws from 0 up to 1, for tests. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * Tries the work again where that may help, and throws the last error unchanged where it does not.
 *
 * Not tried again: work that was cancelled, whose scope has ended, or whose deadline leaves no room for the wait; a stream that has handed items out; mistakes
 * in the program (`TypeError` without a cause, `ReferenceError`, `SyntaxError`, `RangeError`); HTTP failures that do not pass (only 408, 425, 429, 500, 502, 503 and
 * 504 do, by `status` or `statusCode` of the error or of its `response`); Tracewright errors other than `TW_TIMEOUT`. A property `retryable` of the error,
 * `true` or `false`, comes before these rules. The wait is at least what the error asks for by `retryAfterMs`, `retryAfter` (seconds, a `Date` or an HTTP
 * date) or a header `retry-after`; a cancellation ends it at once.
 *
 * The span says `tracewright.attempts`. Where there is more than one, each is a child span `attempt` with its own exception.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong option and the value received
 * @example operation({ name: 'load order', interceptors: [retry({ maxAttempts: 4 }), timeout({ timeoutMs: 500 })] })
 */
export function retry(options: RetryOptions = {}): Interceptor {
  const policy = requirePolicy(options);
  return builtIn(<T>(given: Scope, next: (scope: Scope) => Promise<T>): Promise<T> => {
    const scope = requireScope(given);
    const startedAt = scope.clock.now();
    noteAttempts(scope, 1);
    return next(scope).then(undefined, (error: unknown) => tryAgain({ scope, next, policy, startedAt }, error));
  });
}

const known = ['maxAttempts', 'delayMs', 'maxDelayMs', 'jitter', 'retryable', 'maxRetryAfterMs', 'random'];

function requirePolicy(options: RetryOptions): RetryPolicy {
  requireKnownKeys('retry', requirePlainObject('retry', options), known);
  const { maxAttempts = 3, delayMs = 200, maxDelayMs = 30_000, jitter = 'full', retryable, random = Math.random } = options;
  const { maxRetryAfterMs = maxDelayMs } = options;
  requireCount('retry.maxAttempts', maxAttempts);
  requireWait('retry.maxDelayMs', maxDelayMs);
  if (requireWait('retry.delayMs', delayMs) > maxDelayMs) throw badOption('retry.delayMs', `at most maxDelayMs (${maxDelayMs})`, delayMs);
  requireWait('retry.maxRetryAfterMs', maxRetryAfterMs);
  if (jitter !== 'full' && jitter !== 'none') throw badOption('retry.jitter', "'full' or 'none'", jitter);
  if (retryable !== undefined) requireFunction('retry.retryable', retryable);
  requireFunction('retry.random', random);
  return { maxAttempts, backoff: { delayMs, maxDelayMs, jitter, random }, retryable, maxRetryAfterMs };
}

function requireWait(option: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw badOption(option, 'a finite number of at least 0', value);
  return value;
}
