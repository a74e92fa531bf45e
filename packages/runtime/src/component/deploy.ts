import { requireFunction, requireKnownKeys, requirePlainObject, requirePositive } from '../kernel/check.ts';
import { badOption } from '../kernel/errors.ts';
import type { LifecycleBody, LifecycleHandle, StopOptions } from '../lifecycle/lifecycle.ts';
import type { LifecycleOptions } from '../lifecycle/lifecycle-options.ts';
import type { Outcome } from '../lifecycle/outcome.ts';
import type { AppliedRevision } from './applied-revision.ts';
import { type Component, requireComponents } from './component.ts';
import type { Footprint } from './footprint.ts';
import { requireFootprint, requireLocations } from './require-footprint.ts';
import { startDeployment } from './start-deployment.ts';
import type { ComponentStatus } from './started-component.ts';
import type { Transport } from './transport.ts';

/** What starts lifecycles: a runtime, or something that forks below a lifecycle of yours. */
export interface DeploymentRuntime {
  lifecycle(name: string, body: LifecycleBody, options?: LifecycleOptions): LifecycleHandle;
}

export interface DeployOptions {
  readonly runtime: DeploymentRuntime;
  /** All that the footprint, and later revisions of it, may name. */
  readonly components: readonly Component[];
  readonly transport: Transport;
  /** `fail-fast`: a component that fails, at its start or later, ends the deployment, whose outcome is `failed`. `best-effort`: the others go on. Default `fail-fast`. */
  readonly policy?: 'fail-fast' | 'best-effort' | undefined;
  /** How long each component may take until it is ready, in milliseconds; then it has failed. Default 60000. */
  readonly readyTimeoutMs?: number | undefined;
  /** The longest that the end may take until the cleanups, of all together and of each component, in milliseconds. Default 30000. */
  readonly drainTimeoutMs?: number | undefined;
  /** Where this process is. A footprint that names locations is refused where none of them is among these. Default: none. */
  readonly locations?: readonly string[] | undefined;
}

/** Components that were started together. */
export interface Deployment {
  /** The revision that runs. */
  readonly footprint: Footprint;
  readonly lifecycle: LifecycleHandle;
  /** Resolves when every component has come up, failed or ended; rejects with `TW_COMPONENT_FAILED` at the first that did not come up where the policy is `fail-fast`. */
  readonly ready: Promise<readonly ComponentStatus[]>;
  /** Aborts when it is asked to stop, or terminated: it wants no more work. */
  readonly grace: AbortSignal;
  /** Resolves when all has ended, and every span with it. Never rejects. */
  readonly done: Promise<Outcome>;
  status(): readonly ComponentStatus[];
  /**
   * Brings what runs to another revision of the same footprint: starts what is new, then replaces what has changed, then stops what is allocated no longer, and leaves
   * the rest alone. One after the other, in the order of the calls.
   *
   * Where a component does not come up, all is as it was before: what had been started is ended, and what had been replaced is started again. What had failed already gets
   * another try, and changes nothing for the others. In work of a component that is replaced, call it without awaiting: its end waits for that work.
   *
   * @throws {TracewrightError} `TW_STALE_REVISION` where the revision is not higher than the one that runs; `TW_COMPONENT_OPTIONS`, `TW_BAD_OPTION` before anything is
   *   touched; `TW_ROLLED_BACK`; `TW_LIFECYCLE_STATE` where the deployment is ending
   * @example await deployment.apply({ ...deployment.footprint, revision: 2, allocations });
   */
  apply(footprint: Footprint): Promise<AppliedRevision>;
  /** Has `listener` called after the state of a component or the revision has changed, and when the end begins. Returns what ends that. */
  onChange(listener: () => void): () => void;
  /** Stops intake, ends what is in work, then closes. */
  stop(options?: StopOptions): Promise<boolean>;
}

/** Options with nothing left to decide. */
export interface DeploySettings {
  readonly runtime: DeploymentRuntime;
  readonly components: readonly Component[];
  readonly transport: Transport;
  readonly policy: 'fail-fast' | 'best-effort';
  readonly readyTimeoutMs: number;
  readonly drainTimeoutMs: number;
  readonly locations: readonly string[];
}

/**
 * Starts the components of a footprint, each in a lifecycle of its own below one for the deployment.
 *
 * Nothing has started when it rejects. What it was given is copied, and nothing of it is changed.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for a wrong footprint or option; `TW_COMPONENT_OPTIONS` with every problem of all allocations together
 * @example
 * const footprint = { identifier: 'ping-pong', revision: 1, allocations: [{ component: 'ping' }, { component: 'pong' }] };
 * const deployment = await deploy(footprint, { runtime, components: [ping, pong], transport: memoryTransport() });
 * await deployment.ready;
 */
export async function deploy(given: Footprint, options: DeployOptions): Promise<Deployment> {
  const settings = requireDeployOptions(options);
  return await startDeployment(requireFootprint(given), settings);
}

const known = ['runtime', 'components', 'transport', 'policy', 'readyTimeoutMs', 'drainTimeoutMs', 'locations'];

/** @throws {TracewrightError} `TW_BAD_OPTION` */
export function requireDeployOptions(options: DeployOptions): DeploySettings {
  requireKnownKeys('deploy', requirePlainObject('deploy', options), known);
  const {
    runtime,
    components,
    transport,
    policy = 'fail-fast',
    readyTimeoutMs = 60_000,
    drainTimeoutMs = 30_000,
    locations = [],
  } = options;
  if (policy !== 'fail-fast' && policy !== 'best-effort') throw badOption('deploy.policy', "'fail-fast' or 'best-effort'", policy);
  requireFunction('deploy.runtime.lifecycle', (runtime as DeploymentRuntime | undefined)?.lifecycle);
  requireFunction('deploy.transport.connect', (transport as Transport | undefined)?.connect);
  requireComponents('deploy.components', components);
  return {
    runtime,
    components: [...components],
    transport,
    policy,
    readyTimeoutMs: requirePositive('deploy.readyTimeoutMs', readyTimeoutMs),
    drainTimeoutMs: requirePositive('deploy.drainTimeoutMs', drainTimeoutMs),
    locations: requireLocations('deploy.locations', locations),
  };
}
