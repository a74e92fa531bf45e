import { requireFunction, requireKnownKeys, requirePlainObject, requirePositive, requireSignal, requireText } from '../kernel/check.ts';
import { badOption } from '../kernel/errors.ts';
import type { IdentityChange } from '../kernel/identity.ts';
import type { Principal } from '../kernel/principal.ts';
import { type CheckedPolicy, type FailurePolicy, requirePolicy } from './fork-policy.ts';
import type { LifecycleHandle, StopOptions } from './lifecycle.ts';
import type { Outcome } from './outcome.ts';

/** Called when a lifecycle begins, before its body; waited for where it gives a promise. What it throws is reported and changes nothing. */
export type StartedHook = (lifecycle: LifecycleHandle) => unknown;

/** Called when a lifecycle has ended, before `done` resolves; otherwise as `StartedHook`. */
export type CompletedHook = (lifecycle: LifecycleHandle, outcome: Outcome) => unknown;

export interface LifecycleOptions {
  /** Terminates the lifecycle when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Stops the lifecycle politely when it aborts. */
  readonly stopping?: AbortSignal | undefined;
  /** Who executes in it; inherited when absent. */
  readonly as?: Principal | undefined;
  /** Inherited when absent. `component.path`, the path of the lifecycle, is always part of it. */
  readonly identity?: IdentityChange | undefined;
  /** For this lifecycle and all that are forked below it, after those of the one above. Each life of a restarted child counts. */
  readonly onStarted?: StartedHook | undefined;
  readonly onCompleted?: CompletedHook | undefined;
  /**
   * The longest that the end may take until the cleanups, in milliseconds: from when somebody stopped or terminated the lifecycle, or it failed. Then it is terminated,
   * and what has not ended a second later is given up. A body that returns begins no end: what it has forked may run for years. Default: no limit.
   */
  readonly drainTimeoutMs?: number | undefined;
  /** The longest that each cleanup may take, in milliseconds. Default 10000. */
  readonly cleanupTimeoutMs?: number | undefined;
}

export interface ForkOptions extends LifecycleOptions {
  /** What a failure of the child does. Default `isolate`. */
  readonly onFailure?: FailurePolicy | undefined;
}

/** Options, checked. */
export interface LifecycleSettings {
  readonly signal: AbortSignal | undefined;
  readonly stopping: AbortSignal | undefined;
  readonly as: Principal | undefined;
  readonly identity: IdentityChange | undefined;
  readonly onStarted: readonly StartedHook[];
  readonly onCompleted: readonly CompletedHook[];
  readonly drainTimeoutMs: number | undefined;
  readonly cleanupTimeoutMs: number;
  readonly policy: CheckedPolicy;
}

type Hooks = Pick<LifecycleSettings, 'onStarted' | 'onCompleted'>;

const known = ['signal', 'stopping', 'as', 'identity', 'onStarted', 'onCompleted', 'drainTimeoutMs', 'cleanupTimeoutMs'];

/** @param above the settings of the lifecycle that forks; absent for a root */
export function requireLifecycleOptions(options: ForkOptions, above?: Hooks): LifecycleSettings {
  requireKnownKeys('options', requirePlainObject('options', options), above === undefined ? known : [...known, 'onFailure']);
  const { signal, stopping, as, identity, onStarted, onCompleted, drainTimeoutMs, cleanupTimeoutMs = 10_000, onFailure } = options;
  if (onStarted !== undefined) requireFunction('onStarted', onStarted);
  if (onCompleted !== undefined) requireFunction('onCompleted', onCompleted);
  return {
    signal: signal === undefined ? undefined : requireSignal('signal', signal),
    stopping: stopping === undefined ? undefined : requireSignal('stopping', stopping),
    // The kernel checks these two where it takes them.
    as,
    identity,
    onStarted: [...(above?.onStarted ?? []), ...(onStarted === undefined ? [] : [onStarted])],
    onCompleted: [...(above?.onCompleted ?? []), ...(onCompleted === undefined ? [] : [onCompleted])],
    drainTimeoutMs: drainTimeoutMs === undefined ? undefined : requirePositive('drainTimeoutMs', drainTimeoutMs),
    cleanupTimeoutMs: requirePositive('cleanupTimeoutMs', cleanupTimeoutMs),
    policy: requirePolicy(onFailure),
  };
}

/** A name without `/`, so that a path can be read. */
export function requireName(value: unknown): string {
  if (requireText('name', value).includes('/')) throw badOption('name', "text without '/', which joins the names of a path", value);
  return String(value);
}

export function requireStopOptions(options: StopOptions): StopOptions {
  requireKnownKeys('options', requirePlainObject('options', options), ['timeoutMs', 'then']);
  const { timeoutMs, then } = options;
  if (timeoutMs !== undefined && timeoutMs !== 0) requirePositive('timeoutMs', timeoutMs);
  if (then !== undefined && then !== 'terminate') throw badOption('then', "'terminate'", then);
  if (then !== undefined && timeoutMs === undefined) throw badOption('timeoutMs', 'given where `then` is', timeoutMs);
  return options;
}
