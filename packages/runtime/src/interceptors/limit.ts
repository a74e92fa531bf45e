import { requireCount, requireKnownKeys, requirePlainObject, requirePositive } from '../kernel/check.ts';
import { badOption } from '../kernel/errors.ts';
import { type Around, builtIn, type Interceptor } from '../kernel/interceptor.ts';
import { requireScope, type RunningScope } from '../kernel/running-scope.ts';
import type { Scope } from '../kernel/scope.ts';
import { LimitGate, type LimitRules } from './limit-gate.ts';

export interface LimitOptions {
  /** How many operations may run at the same time. */
  readonly concurrency?: number | undefined;
  /** How many operations may start within any 1000 ms. */
  readonly perSecond?: number | undefined;
  /** How many operations may wait for a place; further ones are refused. 0 refuses at once. Default 1000. */
  readonly maxQueue?: number | undefined;
  /** The longest that an operation may wait for its place, in milliseconds. Default: no limit. */
  readonly queueTimeoutMs?: number | undefined;
}

/**
 * Lets no more work begin than there are places; the rest waits, and begins in the order in which it came.
 *
 * At least one of `concurrency` and `perSecond` is required. Operations that have the same limit among their interceptors share its places. Work that is
 * cancelled while it waits leaves the queue at once. The span says `tracewright.limit.wait_time` where the operation waited. A stream keeps its place until its
 * consumption is over. An operation that waits for another one of the same limit in its body keeps its own place meanwhile: where no other is left, both wait
 * for ever, unless `queueTimeoutMs` ends that.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong option and the value received. The operation: `TW_LIMITED` with
 *   `data: { why: 'queue_full', operation, maxQueue }` or `{ why: 'queue_timeout', operation, queueTimeoutMs }`
 * @example
 * const ask = operation({ name: 'ask model', interceptors: [limit({ concurrency: 8, perSecond: 50, queueTimeoutMs: 2000 })] });
 */
export function limit(options: LimitOptions): Interceptor {
  const gate = new LimitGate(requireRules(options));
  const around: Around = (given, next) => {
    const scope = requireScope(given);
    return gate.enter(scope.clock) ? run(gate, scope, next) : runInTurn(gate, scope, next);
  };
  return builtIn(around);
}

function runInTurn<T>(gate: LimitGate, scope: RunningScope, next: (scope: Scope) => Promise<T>): Promise<T> {
  return gate.wait(scope).then(() => {
    if (!scope.own.aborted) return run(gate, scope, next);
    gate.leave();
    throw scope.own.reason;
  });
}

/** Hot. The place is free again before anybody hears of the result. */
function run<T>(gate: LimitGate, scope: RunningScope, next: (scope: Scope) => Promise<T>): Promise<T> {
  const result = next(scope);
  result.then(gate.leave, gate.leave);
  return result;
}

function requireRules(options: LimitOptions): LimitRules {
  requireKnownKeys('limit', requirePlainObject('limit', options), ['concurrency', 'perSecond', 'maxQueue', 'queueTimeoutMs']);
  const { concurrency, perSecond, maxQueue = 1000, queueTimeoutMs } = options;
  if (concurrency === undefined && perSecond === undefined) throw badOption('limit', '{ concurrency } or { perSecond }, or both', options);
  if (!Number.isSafeInteger(maxQueue) || maxQueue < 0) throw badOption('limit.maxQueue', 'a whole number of at least 0', maxQueue);
  return {
    concurrency: concurrency === undefined ? Number.POSITIVE_INFINITY : requireCount('limit.concurrency', concurrency),
    perSecond: perSecond === undefined ? undefined : requireCount('limit.perSecond', perSecond),
    maxQueue,
    queueTimeoutMs: queueTimeoutMs === undefined ? undefined : requirePositive('limit.queueTimeoutMs', queueTimeoutMs),
  };
}
