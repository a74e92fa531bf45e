import { attributes, spans } from '@tracewright/conventions';
import { abortable } from '../kernel/abortable.ts';
import { requireFunction } from '../kernel/check.ts';
import { TracewrightError } from '../kernel/errors.ts';
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

const applyFootprint = operation({ name: spans.apply.name });

/** Components that run together. They may have been started by different revisions. */
export class RunningDeployment implements Deployment {
  /** Resolves when the components of the first revision have been started. */
  readonly launched: Promise<void>;
  readonly ready: Promise<readonly ComponentStatus[]>;
  readonly #settings: DeploySettings;
  readonly #own: Lifecycle;
  readonly #listeners = new Set<() => void>();
  /** By instance, in the order of the footprint. */
  #running = new Map<string, StartedComponent>();
  /** What has not been accepted yet: its failure is the matter of who tries it. */
  readonly #onTrial = new Set<StartedComponent>();
  #footprint: Footprint;
  /** Settles when nothing is being applied any more. */
  #turn: Promise<unknown>;
  #handle: LifecycleHandle | undefined;

  constructor(own: Lifecycle, footprint: Footprint, settings: DeploySettings) {
    this.#own = own;
    this.#footprint = footprint;
    this.#settings = settings;
    own.grace.addEventListener('abort', this.#changed, { once: true });
    let onLaunched: () => void = () => undefined;
    const launched = new Promise<void>((resolve) => (onLaunched = resolve));
    this.ready = this.#applying(footprint, (scope) => this.#startAll(scope, onLaunched));
    this.#turn = this.ready.catch(() => undefined);
    // Where it is refused, that comes first.
    this.launched = Promise.race([launched, this.ready.then(() => undefined)]);
    this.launched.catch(() => undefined);
  }

  get lifecycle(): LifecycleHandle {
    if (this.#handle === undefined) throw new TypeError('a deployment without its handle'); // `start-deployment.ts` gives it before anybody has the deployment.
    return this.#handle;
  }

  set lifecycle(handle: LifecycleHandle) {
    this.#handle = handle;
  }

  get footprint(): Footprint {
    return this.#footprint;
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
    requireFunction('onChange.listener', listener);
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  async apply(given: Footprint): Promise<AppliedRevision> {
    const footprint = requireFootprint(given);
    const applied = this.#turn.then(() =>
      this.#applying(footprint, async (scope) => {
        requireSuccessor(this.#footprint, footprint);
        return await this.#bringTo(await this.#claimsOf(footprint), footprint, scope);
      }),
    );
    // Whoever called is told of the failure; the next one is not.
    this.#turn = applied.catch(() => undefined);
    return await applied;
  }

  async #startAll(scope: Scope, onLaunched: () => void): Promise<readonly ComponentStatus[]> {
    for (const claim of await this.#claimsOf(this.#footprint)) this.#start(claim);
    onLaunched();
    await this.#settled(scope);
    return this.status();
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
      for (const { instance } of change.start) this.#running.delete(instance);
      // What had done its work was not started again: it is as it was.
      for (const { running, claim } of change.replace) {
        const present = this.#running.get(claim.instance);
        if (present !== undefined && this.#onTrial.has(present)) this.#running.set(claim.instance, running);
      }
      this.#onTrial.clear();
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

  /**
   * One span for all that has to be done, a root that is linked to who asked for it. It stands in a lifecycle of its own, which keeps the deployment from ending while
   * components come and go, and which nobody waits for whose work may be among them.
   *
   * @throws {TracewrightError} `TW_LIFECYCLE_STATE` where the deployment is ending
   */
  #applying<T>(footprint: Footprint, body: (scope: Scope) => Promise<T>): Promise<T> {
    const options = {
      identity: { extend: footprintIdentity(footprint) },
      attributes: { [attributes.footprintName.key]: footprint.name },
    };
    return new Promise((resolve, reject) => {
      // What fails is told to who asked: the deployment has not failed by that.
      this.#own.fork('apply', (own) => own.run(applyFootprint, body, options).then(resolve, reject));
    });
  }

  async #claimsOf(footprint: Footprint): Promise<readonly Claim[]> {
    const { components, locations } = this.#settings;
    requireLocation(footprint, locations);
    // Schemas may take their time, and nobody shall wait for one that never answers.
    return await abortable(claimsOf(footprint, components), this.#own.grace);
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
    for (const listener of [...this.#listeners]) guarded('a listener of a deployment', listener);
  };

  /** Resolves when all are up, as far as the policy asks for it. */
  async #settled(scope: Scope): Promise<void> {
    const started = [...this.#running.values()];
    const ups = started.map(({ up }) => up);
    const failure = await (this.#settings.policy === 'best-effort' ? allSettled(ups) : firstFailure(ups));
    const names = (is: (component: StartedComponent) => boolean): string[] => started.filter(is).map(({ claim }) => claim.instance);
    const failed = names(({ cameUp, status: { state } }) => state === 'failed' || (!cameUp && state === 'ended'));
    scope.set({
      [attributes.applyStarted.key]: names(({ cameUp }) => cameUp),
      [attributes.applyFailed.key]: failed.length === 0 ? undefined : failed,
    });
    if (failure === undefined) return;
    throw new TracewrightError('TW_COMPONENT_FAILED', `${failed.join(', ')} could not start`, { data: { failed }, cause: failure.error });
  }
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
