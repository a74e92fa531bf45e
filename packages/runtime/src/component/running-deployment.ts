import { attributes, spans } from '@tracewright/conventions';
import { badOption, TracewrightError } from '../kernel/errors.ts';
import { operation } from '../kernel/operation.ts';
import type { Scope } from '../kernel/scope.ts';
import { guarded } from '../kernel/telemetry.ts';
import type { Lifecycle, LifecycleHandle, StopOptions } from '../lifecycle/lifecycle.ts';
import type { Outcome } from '../lifecycle/outcome.ts';
import { type AppliedRevision, appliedBy, describeApplied } from './applied-revision.ts';
import { changeTo } from './change.ts';
import { type Claim, claimsOf } from './claims.ts';
import type { Deployment, DeploySettings } from './deploy.ts';
import { footprintIdentity } from './footprint-identity.ts';
import type { Footprint } from './footprint.ts';
import { requireFootprint } from './require-footprint.ts';
import { requireLocation, requireSuccessor } from './may-apply.ts';
import { rollOut } from './roll-out.ts';
import { type ComponentStatus, StartedComponent } from './started-component.ts';

const applyFootprint = operation({ name: spans.apply.name, root: true });

/** Components that run together. They may have been started by different revisions. */
export class RunningDeployment implements Deployment {
  readonly lifecycle: LifecycleHandle;
  readonly #settings: DeploySettings;
  readonly #own: Lifecycle;
  readonly #listeners = new Set<() => void>();
  /** By instance, in the order of the footprint. */
  #running = new Map<string, StartedComponent>();
  /** What has not been accepted yet: its failure is the matter of who tries it. */
  readonly #onTrial = new Set<StartedComponent>();
  #footprint: Footprint;
  #ready: Promise<readonly ComponentStatus[]> = Promise.resolve([]);
  /** Settles when nothing is being applied any more. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Lets the lifecycle end, which something is being applied to. */
  #release: () => void = () => undefined;

  constructor(footprint: Footprint, settings: DeploySettings) {
    this.#footprint = footprint;
    this.#settings = settings;
    const { runtime, drainTimeoutMs } = settings;
    const owns: Lifecycle[] = [];
    const body = (lifecycle: Lifecycle): void => {
      owns.push(lifecycle);
      this.#release = keptOpen(lifecycle);
    };
    const identity = { extend: footprintIdentity(footprint) };
    this.lifecycle = runtime.lifecycle(footprint.name ?? 'deployment', body, { identity, drainTimeoutMs });
    const [own] = owns;
    if (own === undefined) throw badOption('deploy.runtime', 'a runtime, which calls the body of a lifecycle at once', runtime);
    this.#own = own;
    own.grace.addEventListener('abort', () => this.#changed(), { once: true });
  }

  get footprint(): Footprint {
    return this.#footprint;
  }

  get ready(): Promise<readonly ComponentStatus[]> {
    return this.#ready;
  }

  get grace(): AbortSignal {
    return this.#own.grace;
  }

  get done(): Promise<Outcome> {
    return this.lifecycle.done;
  }

  status(): readonly ComponentStatus[] {
    return Array.from(this.#running.values(), ({ status }) => status);
  }

  stop(options?: StopOptions): Promise<boolean> {
    return this.lifecycle.stop(options);
  }

  onChange(listener: () => void): () => void {
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Resolves when all has been started; rejects, and nothing has started, where the footprint cannot be. */
  launch(): Promise<void> {
    return new Promise((onLaunched, onRefused) => {
      const applied = this.#applying(this.#footprint, async (scope) => {
        const claims = await this.#claimsOf(this.#footprint);
        for (const claim of claims) this.#running.set(claim.instance, this.#start(claim));
        onLaunched();
        await this.#settled(scope);
        return this.status();
      });
      this.#ready = applied;
      this.#turn = applied.catch(onRefused).finally(() => this.#release());
    });
  }

  async apply(given: Footprint): Promise<AppliedRevision> {
    const footprint = requireFootprint(given);
    const applied = this.#turn.then(() => this.#applyNext(footprint));
    // Whoever called is told of the failure; the next one is not.
    this.#turn = applied.catch(() => undefined);
    return await applied;
  }

  async #applyNext(footprint: Footprint): Promise<AppliedRevision> {
    const release = keptOpen(this.#own);
    try {
      return await this.#applying(footprint, async (scope) => {
        requireSuccessor(this.#footprint, footprint);
        return await this.#bringTo(await this.#claimsOf(footprint), footprint, scope);
      });
    } finally {
      release();
    }
  }

  async #bringTo(claims: readonly Claim[], footprint: Footprint, scope: Scope): Promise<AppliedRevision> {
    const change = changeTo(claims, this.#running);
    const tryOut = (claim: Claim): StartedComponent => {
      const started = this.#start(claim);
      this.#onTrial.add(started);
      return started;
    };
    try {
      await rollOut(change, {
        footprint,
        lifecycle: this.#own,
        start: (claim) => this.#start(claim),
        tryOut,
        accept: () => this.#onTrial.clear(),
      });
    } catch (error) {
      this.#onTrial.clear();
      for (const { instance } of change.start) this.#running.delete(instance);
      this.#changed();
      throw error;
    }
    this.#footprint = footprint;
    this.#running = new Map(claims.flatMap(({ instance }) => pair(instance, this.#running.get(instance))));
    this.#changed();
    const applied = appliedBy(change, footprint);
    scope.set(describeApplied(applied));
    return applied;
  }

  /** One span for all that has to be done, which begins a trace: who asked for it is on its link. */
  #applying<T>(footprint: Footprint, body: (scope: Scope) => Promise<T>): Promise<T> {
    const given = { [attributes.footprintName.key]: footprint.name };
    return this.#settings.runtime.run(applyFootprint, body, { identity: { extend: footprintIdentity(footprint) }, attributes: given });
  }

  async #claimsOf(footprint: Footprint): Promise<readonly Claim[]> {
    const { components, locations } = this.#settings;
    requireLocation(footprint, locations);
    return await claimsOf(footprint, components);
  }

  #start(claim: Claim): StartedComponent {
    const { transport, readyTimeoutMs, drainTimeoutMs } = this.#settings;
    const started = new StartedComponent(this.#own, claim, {
      transport,
      readyTimeoutMs,
      drainTimeoutMs,
      onFailed: this.#onFailed,
      onChange: this.#changed,
    });
    this.#running.set(claim.instance, started);
    return started;
  }

  readonly #onFailed = (component: StartedComponent, error: unknown): void => {
    if (this.#settings.policy === 'best-effort' || this.#onTrial.has(component)) return;
    try {
      this.#own.fatal(error);
    } catch {
      // That is how `fatal` ends: the deployment has failed, or has ended already.
    }
  };

  readonly #changed = (): void => {
    for (const listener of this.#listeners) guarded('a listener of a deployment', listener);
  };

  /** Resolves when all are up, as far as the policy asks for it. */
  async #settled(scope: Scope): Promise<void> {
    const ups = Array.from(this.#running.values(), ({ up }) => up);
    const failure = await (this.#settings.policy === 'best-effort' ? allSettled(ups) : firstFailure(ups));
    const names = (...states: readonly string[]): string[] =>
      this.status().flatMap(({ state, instance }) => (states.includes(state) ? [instance] : []));
    const failed = names('failed', ...(failure === undefined ? [] : ['ended']));
    scope.set({
      [attributes.applyStarted.key]: names('ready'),
      [attributes.applyFailed.key]: failed.length === 0 ? undefined : failed,
    });
    if (failure === undefined) return;
    throw new TracewrightError('TW_COMPONENT_FAILED', `${failed.join(', ')} could not start`, { data: { failed }, cause: failure.error });
  }
}

/** Keeps the lifecycle from ending while components come and go. Returns what lets it. */
function keptOpen(lifecycle: Lifecycle): () => void {
  let release = (): void => undefined;
  lifecycle.fork('apply', () => new Promise<void>((resolve) => (release = resolve)));
  return () => release();
}

async function allSettled(ups: readonly Promise<void>[]): Promise<undefined> {
  await Promise.allSettled(ups);
}

async function firstFailure(ups: readonly Promise<void>[]): Promise<{ readonly error: unknown } | undefined> {
  try {
    await Promise.all(ups);
    return undefined;
  } catch (error) {
    return { error };
  }
}

function pair(instance: string, component: StartedComponent | undefined): [string, StartedComponent][] {
  return component === undefined ? [] : [[instance, component]];
}
