import { requireCount, requireFunction, requireKnownKeys, requirePlainObject, requirePositive } from '../kernel/check.ts';
import { badOption, TracewrightError } from '../kernel/errors.ts';
import { type Around, builtIn } from '../kernel/interceptor.ts';
import { requireScope, type RunningScope } from '../kernel/running-scope.ts';
import { BreakerCall } from './breaker-call.ts';
import { type BreakerState, Circuit, type CircuitRules } from './breaker-circuit.ts';

export interface BreakerOptions {
  /** How many failures one after the other open it, or which share of so many calls, once there were so many. Default 5. */
  readonly failures?: number | { readonly share: number; readonly of: number } | undefined;
  /** How long it stays open before it lets calls through on trial, in milliseconds. Default 30000. */
  readonly openMs?: number | undefined;
  /** How many calls are let through on trial at the same time. Default 1. */
  readonly trials?: number | undefined;
  /** Whether an error says that what the breaker guards is failing. One for which it gives `false` counts as an answer. Default: each error does. */
  readonly isFailure?: ((error: unknown) => boolean) | undefined;
}

/** A breaker: an interceptor that also says whether it lets work through. */
export interface Breaker extends Around {
  /** What it was at the last call: time alone changes nothing. */
  readonly state: BreakerState;
}

/**
 * Refuses work at once while what it guards keeps failing, and tries again after a while.
 *
 * Time-outs and errors count; cancellation by a client, a consumer or a shutdown does not, and neither do refusals by Tracewright itself (`TW_LIMITED`,
 * `TW_BLOCKED`, another breaker). A call counts only for the state in which it began. A call on trial that succeeds closes the breaker, one that fails opens
 * it again, one that is cancelled gives its turn to another, and one that takes longer than `openMs` does so too. Operations that have the same breaker among
 * their interceptors share it. Put it inside `retry`, so that each try counts.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong option and the value received. The operation: `TW_BREAKER_OPEN` with
 *   `data: { retryAfterMs, operation }`
 * @example
 * const guard = breaker({ failures: { share: 0.5, of: 20 }, openMs: 10_000 });
 * const charge = operation({ name: 'charge card', interceptors: [guard, timeout({ timeoutMs: 1000 })] });
 */
export function breaker(options: BreakerOptions = {}): Breaker {
  const { isFailure, ...rules } = requireRules(options);
  const circuit = new Circuit(rules);
  const around: Around = (given, next) => {
    const scope = requireScope(given);
    const now = scope.clock.monotonic();
    const pass = circuit.admit(now);
    if (pass === undefined) return Promise.reject(refused(scope, circuit.retryAfterMs(now)));
    const call = new BreakerCall(circuit, scope, { pass, isFailure });
    const result = next(scope);
    result.then(scope.streaming === undefined ? call.succeeded : call.consumed, call.failed);
    return result;
  };
  return Object.defineProperty(builtIn(around), 'state', { get: () => circuit.state }) as Breaker; // With the property that makes it one.
}

function refused({ name }: RunningScope, retryAfterMs: number): TracewrightError<'TW_BREAKER_OPEN'> {
  const message = `${name} was refused: what its breaker guards kept failing, and is tried again in ${Math.ceil(retryAfterMs)} ms at the latest`;
  return new TracewrightError('TW_BREAKER_OPEN', message, { data: { retryAfterMs, operation: name } });
}

function requireRules(options: BreakerOptions): CircuitRules & Pick<BreakerOptions, 'isFailure'> {
  requireKnownKeys('breaker', requirePlainObject('breaker', options), ['failures', 'openMs', 'trials', 'isFailure']);
  const { failures = 5, openMs = 30_000, trials = 1, isFailure } = options;
  if (isFailure !== undefined) requireFunction('breaker.isFailure', isFailure);
  return {
    failures: typeof failures === 'number' ? requireCount('breaker.failures', failures) : requireShare(failures),
    openMs: requirePositive('breaker.openMs', openMs),
    trials: requireCount('breaker.trials', trials),
    isFailure,
  };
}

function requireShare(failures: { readonly share: number; readonly of: number }): { readonly share: number; readonly of: number } {
  requireKnownKeys('breaker.failures', requirePlainObject('breaker.failures', failures), ['share', 'of']);
  const { share, of } = failures;
  if (typeof share !== 'number' || !(share > 0 && share <= 1))
    throw badOption('breaker.failures.share', 'a number above 0 and up to 1', share);
  return { share, of: requireCount('breaker.failures.of', of) };
}
