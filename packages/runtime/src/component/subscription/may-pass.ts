import type { ErrorCode } from '@tracewright/conventions';
import { isTracewrightError } from '../../kernel/errors.ts';
import { isRetryable } from '../../interceptors/retryable.ts';

/** Refusals of ours that the next try meets again. */
const lasting: ReadonlySet<ErrorCode> = new Set([
  'TW_BAD_OPTION',
  'TW_BAD_PAYLOAD',
  'TW_UNDECLARED_ASPECT',
  'TW_UNDECLARED_INTEREST',
  'TW_NEXT_MISUSED',
  'TW_NOT_ITERABLE',
  'TW_DEADLOCK',
  'TW_BAD_FOOTPRINT',
  'TW_COMPONENT_OPTIONS',
  'TW_STALE_REVISION',
  'TW_ELSEWHERE',
  'TW_UNKNOWN_FOOTPRINT',
  'TW_TOPOLOGY',
]);

/**
 * Whether a message may be handled well at a further try, as far as the error tells: as for `retry`, but refusals of ours that pass with time (a limit, a breaker, a
 * broker that was away) are no reason to give a message up.
 */
export function mayPass(error: unknown): boolean {
  try {
    return isTracewrightError(error) ? !lasting.has(error.code) : isRetryable(error);
  } catch {
    // An error that does not let itself be read: nothing says that it lasts.
    return true;
  }
}
