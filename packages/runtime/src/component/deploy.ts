import { attributes } from '@tracewright/conventions';
import { requireFunction, requireKnownKeys, requirePlainObject } from '../kernel/check.ts';
import { badOption, TracewrightError } from '../kernel/errors.ts';
import type { Lifecycle, LifecycleBody, LifecycleHandle, StopOptions } from '../lifecycle/lifecycle.ts';
import type { Outcome } from '../lifecycle/outcome.ts';
import type { LifecycleOptions } from '../lifecycle/lifecycle-options.ts';
import { claimsOf, requireFootprint } from './claims.ts';
import type { Component } from './component.ts';
import type { Footprint } from './footprint.ts';
import { type Claim, type ComponentStatus, StartedComponent } from './started-component.ts';
import type { Transport } from './transport.ts';

/** What starts lifecycles: a runtime. */
export interface LifecycleStarter {
  lifecycle(name: string, body: LifecycleBody, options?: LifecycleOptions): LifecycleHandle;
}

export interface DeployOptions {
  readonly runtime: LifecycleStarter;
  /** All that the footprint may name. */
  readonly components: readonly Component[];
  readonly transport: Transport;
  /** `fail-fast`: a component that fails, at its start or later, ends the deployment, whose outcome is `failed`. `best-effort`: the others go on. Default `fail-fast`. */
  readonly policy?: 'fail-fast' | 'best-effort' | undefined;
  /** The longest that the end may take until the cleanups, in milliseconds. Default 30000. */
  readonly drainTimeoutMs?: number | undefined;
}

/** Components that were started together. */
export interface Deployment {
  readonly footprint: Footprint;
  readonly lifecycle: LifecycleHandle;
  /** Resolves when every component has come up, failed or ended; rejects with `TW_COMPONENT_FAILED` at the first that did not come up where the policy is `fail-fast`. */
  readonly ready: Promise<readonly ComponentStatus[]>;
  /** Aborts when it is asked to stop, or terminated: it wants no more work. */
  readonly grace: AbortSignal;
  /** Resolves when all has ended, and every span with it. Never rejects. */
  readonly done: Promise<Outcome>;
  status(): readonly ComponentStatus[];
  /** Stops intake, ends what is in work, then closes. */
  stop(options?: StopOptions): Promise<boolean>;
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
  requireKnownKeys('deploy', requirePlainObject('deploy', options), ['runtime', 'components', 'transport', 'policy', 'drainTimeoutMs']);
  const { runtime, components, transport, policy = 'fail-fast', drainTimeoutMs = 30_000 } = options;
  if (policy !== 'fail-fast' && policy !== 'best-effort') throw badOption('deploy.policy', "'fail-fast' or 'best-effort'", policy);
  requireFunction('deploy.runtime.lifecycle', (runtime as LifecycleStarter | undefined)?.lifecycle);
  requireFunction('deploy.transport.connect', (transport as Transport | undefined)?.connect);
  if (!Array.isArray(components)) throw badOption('deploy.components', 'an array of components', components);
  const footprint = requireFootprint(given);
  const claims = await claimsOf(footprint, components);
  return new RunningDeployment(footprint, { runtime, transport, claims, policy, drainTimeoutMs });
}

interface Given {
  readonly runtime: LifecycleStarter;
  readonly transport: Transport;
  readonly claims: readonly Claim[];
  readonly policy: 'fail-fast' | 'best-effort';
  readonly drainTimeoutMs: number;
}

class RunningDeployment implements Deployment {
  readonly footprint: Footprint;
  readonly lifecycle: LifecycleHandle;
  readonly ready: Promise<readonly ComponentStatus[]>;
  readonly grace: AbortSignal;
  readonly #started: StartedComponent[] = [];

  constructor(footprint: Footprint, { runtime, transport, claims, policy, drainTimeoutMs }: Given) {
    this.footprint = footprint;
    const identity = { extend: identityOf(footprint) };
    let grace = AbortSignal.abort();
    const onFailure = policy === 'fail-fast' ? 'fail' : 'isolate';
    const body = (lifecycle: Lifecycle): void => {
      grace = lifecycle.grace;
      for (const claim of claims) this.#started.push(new StartedComponent(lifecycle, claim, { transport, onFailure }));
    };
    this.lifecycle = runtime.lifecycle(footprint.name ?? 'deployment', body, { identity, drainTimeoutMs });
    // The body was called at once.
    this.grace = grace;
    this.ready = this.#settled(policy);
    // Whoever asks is told; nobody has to ask.
    this.ready.catch(() => undefined);
  }

  get done(): Promise<Outcome> {
    return this.lifecycle.done;
  }

  status(): readonly ComponentStatus[] {
    return this.#started.map(({ status }) => status);
  }

  stop(options?: StopOptions): Promise<boolean> {
    return this.lifecycle.stop(options);
  }

  async #settled(policy: Given['policy']): Promise<readonly ComponentStatus[]> {
    const ups = this.#started.map(({ up }) => up);
    if (policy === 'best-effort') await Promise.allSettled(ups);
    else await Promise.all(ups).catch((cause: unknown) => this.#refuse(cause));
    return this.status();
  }

  #refuse(cause: unknown): never {
    const failed = this.status().flatMap(({ state, instance }) => (state === 'failed' || state === 'ended' ? [instance] : []));
    throw new TracewrightError('TW_COMPONENT_FAILED', `${failed.join(', ')} could not start`, { data: { failed }, cause });
  }
}

function identityOf({ identifier, revision, solution }: Footprint): Record<string, string | number> {
  const identity: Record<string, string | number> = {
    [attributes.footprintIdentifier.key]: identifier,
    [attributes.footprintRevision.key]: revision,
  };
  if (solution !== undefined) identity[attributes.footprintSolution.key] = solution;
  return identity;
}
