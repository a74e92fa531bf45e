import { backoffMs } from '../kernel/backoff.ts';
import { requireCount, requireKnownKeys, requirePlainObject, requirePositive } from '../kernel/check.ts';
import { badOption } from '../kernel/errors.ts';

/**
 * How often a failed child is started again, as Erlang's restart intensity: more than `maxRestarts` failures within `withinMs` are too many. Waits for a restart do not
 * count as time: a child that always fails at once always becomes too much, however long the waits.
 */
export interface RestartOptions {
  readonly maxRestarts: number;
  readonly withinMs: number;
  /** The wait before the first restart, in milliseconds; doubled for each failure that is still within `withinMs`. Default 100. */
  readonly delayMs?: number | undefined;
  /** Default 30000. */
  readonly maxDelayMs?: number | undefined;
  /** What the last failure does to the parent when there were too many, or when the parent is stopping. Default `fail`. */
  readonly then?: 'fail' | 'isolate' | undefined;
}

/**
 * What the failure of a child does: `isolate` leaves the parent alone, `fail` fails it with the child's error, `restart` starts the child again. Only failures
 * count: a child that is ok, stopped or terminated has ended.
 */
export type FailurePolicy = 'isolate' | 'fail' | { readonly restart: RestartOptions };

/** A policy with nothing left to decide. */
export interface CheckedPolicy {
  readonly restart: Readonly<Record<'maxRestarts' | 'withinMs' | 'delayMs' | 'maxDelayMs', number>> | undefined;
  /** What a failure that is not restarted does to the parent. */
  readonly last: 'fail' | 'isolate';
}

export function requirePolicy(given: unknown = 'isolate'): CheckedPolicy {
  if (given === 'isolate' || given === 'fail') return { restart: undefined, last: given };
  if (typeof given !== 'object' || given === null || !('restart' in given))
    throw badOption('onFailure', "'isolate', 'fail' or { restart: { maxRestarts, withinMs, … } }", given);
  requireKnownKeys('onFailure', given, ['restart']);
  const options = requirePlainObject('onFailure.restart', given.restart);
  requireKnownKeys('onFailure.restart', options, ['maxRestarts', 'withinMs', 'delayMs', 'maxDelayMs', 'then']);
  const { maxRestarts, withinMs, delayMs = 100, maxDelayMs = 30_000, then: last = 'fail' } = options;
  if (last !== 'fail' && last !== 'isolate') throw badOption('onFailure.restart.then', "'fail' or 'isolate'", last);
  const restart = {
    maxRestarts: requireCount('onFailure.restart.maxRestarts', maxRestarts),
    withinMs: requirePositive('onFailure.restart.withinMs', withinMs),
    delayMs: requirePositive('onFailure.restart.delayMs', delayMs),
    maxDelayMs: requirePositive('onFailure.restart.maxDelayMs', maxDelayMs),
  };
  return { restart, last };
}

/** Counts the failures of one child, on a clock that stands still while the child waits for its restart: else long waits would forgive everything. */
export class RestartIntensity {
  readonly #limits: NonNullable<CheckedPolicy['restart']>;
  /** When the failures that still count were, in milliseconds without the waits. */
  #failedAtMs: number[] = [];
  #waitedMs = 0;
  #waitsSinceMs = 0;

  constructor(limits: NonNullable<CheckedPolicy['restart']>) {
    this.#limits = limits;
  }

  /** How long to wait before the restart after a failure at `nowMs`, in milliseconds; `undefined` where there were too many. */
  delayAfterFailure(nowMs: number): number | undefined {
    const { maxRestarts, withinMs, delayMs, maxDelayMs } = this.#limits;
    const livedMs = nowMs - this.#waitedMs;
    this.#waitsSinceMs = nowMs;
    this.#failedAtMs = [...this.#failedAtMs.filter((failedAtMs) => livedMs - failedAtMs < withinMs), livedMs];
    const count = this.#failedAtMs.length;
    if (count > maxRestarts) return undefined;
    // At least half of the wait: a child that fails at once must not spin.
    return backoffMs({ delayMs, maxDelayMs, jitter: 'half', random: Math.random }, count);
  }

  /** The wait is over at `nowMs`: the child lives again. */
  restarted(nowMs: number): void {
    this.#waitedMs += nowMs - this.#waitsSinceMs;
  }
}
