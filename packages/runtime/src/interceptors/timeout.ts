import { Cancellation } from '../kernel/cancellation.ts';
import { requireKnownKeys, requirePlainObject, requirePositive } from '../kernel/check.ts';
import { setDeadline } from '../kernel/deadline.ts';
import { badOption, TracewrightError } from '../kernel/errors.ts';
import { type Around, builtIn, type Interceptor } from '../kernel/interceptor.ts';
import { classify } from '../kernel/outcome.ts';
import { requireScope, type RunningScope } from '../kernel/running-scope.ts';
import type { Scope } from '../kernel/scope.ts';
import { giveCause } from './timeout-cause.ts';

export interface TimeoutOptions {
  /** The longest that what stands inside the time-out may take, in milliseconds: inside a retry each try, outside of it all tries with their waits. */
  readonly timeoutMs?: number | undefined;
  /** The longest that the operation may take, with all tries and waits, wherever the time-out stands. In milliseconds. */
  readonly totalMs?: number | undefined;
}

/**
 * Ends work that takes too long: its signal aborts, it gets one turn of the event loop to end by itself, then `TW_TIMEOUT` is thrown, whatever the work gives in
 * that turn.
 *
 * At least one of the two limits is required. `scope.deadline` tells the work how long it has. An error that its clean-up throws in the last turn becomes the
 * `cause`; what comes later is lost. Work that ignores its signal runs on, but can start no operations any more. Where somebody else had cancelled the work
 * before, the limit still ends the wait for it, with the reason of that cancellation.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for a limit that is no positive number, or where there is none; the operation throws `TW_TIMEOUT` with
 *   `data: { timeoutMs, operation, per: 'try' | 'total' }`
 * @example operation({ name: 'load order', interceptors: [retry(), timeout({ timeoutMs: 500, totalMs: 2000 })] })
 */
export function timeout(options: TimeoutOptions): Interceptor {
  requireKnownKeys('timeout', requirePlainObject('timeout', options), ['timeoutMs', 'totalMs']);
  const { timeoutMs, totalMs } = options;
  if (timeoutMs === undefined && totalMs === undefined) throw badOption('timeout', '{ timeoutMs }, { totalMs } or both', options);
  if (timeoutMs !== undefined && totalMs !== undefined && timeoutMs > totalMs)
    throw badOption('timeout.timeoutMs', `at most totalMs (${totalMs})`, timeoutMs);
  return builtIn(
    timeoutMs === undefined ? passOn : endAfter(requirePositive('timeout.timeoutMs', timeoutMs), 'try'),
    totalMs === undefined ? undefined : endAfter(requirePositive('timeout.totalMs', totalMs), 'total'),
  );
}

const passOn: Around = (scope, next) => next(scope);

/** Hot: in time, it costs one promise and one reaction to it, a scope, and a place in a row of deadlines. */
function endAfter(timeoutMs: number, per: 'try' | 'total'): Around {
  return <T>(given: Scope, next: (scope: Scope) => Promise<T>): Promise<T> => {
    const scope = requireScope(given);
    const { name, clock, parts } = scope;
    const cancellation = new Cancellation(parts.cancellation);
    // Not when the work settles: what it leaves behind can be cancelled as long as the operation runs.
    parts.spans.releaseAtEnd(cancellation);
    const dueAt = clock.now() + timeoutMs;
    const handed = scope.under(cancellation, parts.deadline === undefined ? dueAt : Math.min(dueAt, parts.deadline));
    return new Promise<T>((resolve, reject) => {
      let failedLate: ((error: unknown) => void) | undefined;
      const deadline = setDeadline(clock, timeoutMs, () => {
        const message = `${name} took longer than ${timeoutMs} ms`;
        const timedOut = new TracewrightError('TW_TIMEOUT', message, { data: { timeoutMs, operation: name, per } });
        failedLate = expire(handed, timedOut, reject);
      });
      const succeeded = (value: T): void => {
        if (failedLate !== undefined) return;
        deadline.clear();
        resolve(value);
      };
      const failed = (error: unknown): void => {
        deadline.clear();
        if (failedLate === undefined) reject(error);
        else failedLate(error);
      };
      next(handed).then(succeeded, failed);
    });
  };
}

/**
 * Cancels the work, and rejects after one turn of the event loop: what ends by itself meanwhile ends as cancelled by the time-out, not as forgotten. Returns what
 * takes an error that the work still throws.
 */
function expire(scope: RunningScope, timedOut: TracewrightError, reject: (reason: unknown) => void): (error: unknown) => void {
  const { cancellation } = scope.parts;
  // Somebody else may have cancelled the work before, and it ignores that too.
  const reason = cancellation.aborted ? cancellation.reason : timedOut;
  let isOver = false;
  // Before the abort: nothing that a listener does may keep it from happening.
  setImmediate(() => {
    isOver = true;
    reject(reason);
  });
  scope.activate(() => cancellation.abort(reason));
  return (error) => {
    // Only an error of the work's own, and only while nobody has been given the time-out yet.
    if (!isOver && classify(error, cancellation).outcome === 'error') giveCause(timedOut, error);
  };
}
