import { attributes, spans } from '@tracewright/conventions';
import { requireAnswer } from '../kernel/check.ts';
import { isTracewrightError } from '../kernel/errors.ts';
import type { Operation } from '../kernel/operation.ts';
import { recordPast } from '../kernel/past-operation.ts';
import { requireScope, RunningScope } from '../kernel/running-scope.ts';
import type { Scope } from '../kernel/scope.ts';
import { type Backoff, backoffMs } from '../kernel/backoff.ts';
import { retryAfterMs } from './retry-after.ts';
import { isRetryable } from './retryable.ts';
import { giveCause } from './timeout-cause.ts';

/** The options of a retry, checked. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly backoff: Backoff;
  readonly retryable: ((error: unknown, tried: { readonly attempt: number }) => boolean) | undefined;
  readonly maxRetryAfterMs: number;
}

/** Work whose first try has failed. */
export interface FailedWork<T> {
  readonly scope: RunningScope;
  readonly next: (scope: Scope) => Promise<T>;
  readonly policy: RetryPolicy;
  /** When the first try started, in milliseconds since the Unix epoch. */
  readonly startedAt: number;
}

/** Tries again as long as that may help. The first try ran in the operation itself and is shown only now; each further one is an operation below it. */
export async function tryAgain<T>(work: FailedWork<T>, firstError: unknown): Promise<T> {
  const { scope, startedAt } = work;
  let error = firstError;
  for (let attempt = 1; ; attempt += 1) {
    const waitMs = waitAfter(work, error, attempt);
    if (waitMs === undefined) throw error;
    if (attempt === 1) recordPast(scope, { operation: attemptOf(1), startedAt, error, ranIn: scope.handed ?? scope });
    await pause(scope, waitMs, error);
    noteAttempts(scope, attempt + 1);
    try {
      return await runAttempt(work, attempt + 1);
    } catch (thrown) {
      error = thrown;
    }
  }
}

/** Says on the span how many tries there were so far. */
export function noteAttempts({ parts }: RunningScope, attempts: number): void {
  parts.spans.note(attributes.attempts.key, attempts);
}

/** How long to wait before the next try, in milliseconds; nothing where there is none. */
function waitAfter<T>(work: FailedWork<T>, error: unknown, attempt: number): number | undefined {
  const { scope, policy } = work;
  if (attempt >= policy.maxAttempts || scope.ended || scope.parts.cancellation.aborted) return undefined;
  // What the consumer of a stream has got cannot be taken back.
  if (scope.streaming !== undefined && scope.streaming.items > 0) return undefined;
  if (!mayRetry(work, error, attempt)) return undefined;
  const now = scope.clock.now();
  const askedMs = retryAfterMs(error, now) ?? 0;
  if (askedMs > policy.maxRetryAfterMs) return undefined;
  const waitMs = Math.max(askedMs, backoffMs(policy.backoff, attempt));
  return scope.deadline !== undefined && now + waitMs >= scope.deadline ? undefined : waitMs;
}

function mayRetry<T>({ scope, policy: { retryable } }: FailedWork<T>, error: unknown, attempt: number): boolean {
  if (retryable === undefined) return isRetryable(error);
  try {
    return requireAnswer(
      'retry.retryable',
      scope.activate(() => retryable(error, { attempt })),
    );
  } catch (mistake) {
    giveCause(mistake, error);
    throw mistake;
  }
}

/** Waits between two tries. A cancellation ends the wait at once, with its reason. */
async function pause(scope: RunningScope, waitMs: number, error: unknown): Promise<void> {
  try {
    await scope.clock.sleep(waitMs, { signal: scope.signal });
  } catch (reason) {
    // Only a time-out of this operation: other reasons belong to others too, and are not changed.
    if (isTracewrightError(reason, 'TW_TIMEOUT') && reason.data['operation'] === scope.name) giveCause(reason, error);
    throw reason;
  }
}

function runAttempt<T>({ scope, next }: FailedWork<T>, attempt: number): Promise<T> {
  return scope.kernel.execute<T, unknown[]>(scope, {
    operation: attemptOf(attempt),
    plan: undefined,
    body: (given) => {
      const own = requireScope(given);
      return next(inPlaceOf(scope, own)).catch((error: unknown) => {
        // What an interceptor further in handed on tells here too a cancelled try from a failed one.
        own.handed = scope.handed;
        throw error;
      });
    },
    options: undefined,
    inputs: [...scope.parts.inputs],
    active: undefined,
  });
}

function attemptOf(attempt: number): Operation {
  return { name: spans.attempt.name, attributes: { [attributes.attempt.key]: attempt } };
}

/**
 * The scope of a further try, as what is inside the retry shall see it: it goes by the name of the operation on every try, in messages and in keys of caches, and
 * is around the same stream.
 */
function inPlaceOf(operation: RunningScope, { kernel, parts, context }: RunningScope): RunningScope {
  parts.spans.streaming = operation.streaming;
  return new RunningScope(kernel, { ...parts, name: operation.name }, context);
}
