import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../kernel/clock.ts';
import { isTracewrightError, TracewrightError } from '../../kernel/errors.ts';
import { messageOf } from '../../kernel/exceptions.ts';
import { errorTypeOf } from '../../kernel/outcome.ts';
import type { Scope } from '../../kernel/scope.ts';
import { reportFault } from '../../kernel/telemetry.ts';
import { claimsOf } from '../claims.ts';
import { type Deployment, type DeploymentRuntime, deploy } from '../deploy.ts';
import type { Footprint } from '../footprint.ts';
import type { Link } from '../link.ts';
import { requireLocation, requireSuccessor } from '../may-apply.ts';
import type { Message } from '../message.ts';
import { afterSettled } from '../subscription/after-settled.ts';
import type { statuses } from './control-contracts.ts';
import { type Order, readOrder } from './order.ts';
import type { ReplicaSetSettings } from './replica-set-options.ts';
import type { ReplicaStatus, Told } from './replica-status.ts';

export interface ReplicaPlace {
  /** What runs, by identifier: read by others. */
  readonly running: Map<string, Deployment>;
  /** Whose lifecycles end with the replica. */
  readonly runtime: DeploymentRuntime;
  readonly link: Pick<Link<{ readonly status: typeof statuses }>, 'publish'>;
  readonly clock: Clock;
}

/** Why something is done. */
interface Cause {
  /** The id of the control message. */
  readonly inReplyTo: string;
  /** Outlives the message, and links what is started in it to the message. */
  readonly scope: Scope;
}

/** Carries out orders, those for one footprint one after the other. */
export class Replica {
  readonly #settings: ReplicaSetSettings;
  readonly #place: ReplicaPlace;
  /** What was found to be in order last, and runs or is to run, by identifier. */
  readonly #accepted = new Map<string, Footprint>();
  readonly #turns = new Map<string, Promise<void>>();
  readonly #pending = new Set<Promise<unknown>>();

  constructor(settings: ReplicaSetSettings, place: ReplicaPlace) {
    this.#settings = settings;
    this.#place = place;
  }

  /**
   * Takes one order: says what is wrong with it, or that it will be carried out. That begins when the message is done with.
   *
   * @throws {TracewrightError} why it is refused
   */
  async take({ payload, id }: Message<string>, scope: Scope): Promise<void> {
    let order: Order | undefined;
    try {
      order = readOrder(payload, `control message ${id}`);
      await this.#requireInOrder(order);
    } catch (error) {
      const footprint = order === undefined ? undefined : aboutOf(order);
      await this.tell({ kind: 'refused', inReplyTo: id, footprint, error: reasonOf(error) });
      throw error;
    }
    const accepted = order;
    const isRunning = await this.#answerAgain(accepted, id);
    if (isRunning) return;
    await this.tell({ kind: 'accepted', inReplyTo: id, footprint: aboutOf(accepted) });
    // What is started then is not part of this message, but follows from it.
    const later = scope.detach();
    afterSettled(scope, () => later.activate(() => this.#begin(accepted, { inReplyTo: id, scope: later })));
  }

  /** Where nobody can be told, that is reported and changes nothing. */
  async tell(told: Told): Promise<void> {
    const { name: replicaSet, replica } = this.#settings;
    const { link, clock } = this.#place;
    const status: ReplicaStatus = { ...told, replicaSet, replica, at: new Date(clock.now()).toISOString() };
    try {
      await link.publish('status', status, { key: told.footprint?.identifier ?? replica });
    } catch (error) {
      reportFault(`the status ${told.kind} of replica ${replica} could not be published`, error);
    }
  }

  /** Resolves when nothing is being carried out or told. */
  async idle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }

  async #requireInOrder(order: Order): Promise<void> {
    const { components, locations } = this.#settings.deploy;
    if ('remove' in order) {
      if (this.#accepted.has(order.remove)) return;
      const running = [...this.#accepted.keys()];
      const message = `${order.remove} does not run here: ${running.length === 0 ? 'nothing does' : `there are ${running.join(', ')}`}`;
      throw new TracewrightError('TW_UNKNOWN_FOOTPRINT', message, { data: { identifier: order.remove, running } });
    }
    const footprint = order.apply;
    requireLocation(footprint, locations);
    const accepted = this.#accepted.get(footprint.identifier);
    if (accepted !== undefined && !isDeepStrictEqual(accepted, footprint)) requireSuccessor(accepted, footprint);
    await claimsOf(footprint, components);
  }

  /** Whether the order is one that was carried out before: its sender is told once more how things stand. */
  async #answerAgain(order: Order, inReplyTo: string): Promise<boolean> {
    if ('remove' in order || !this.#accepted.has(order.apply.identifier)) return false;
    const footprint = aboutOf(order);
    if (!isDeepStrictEqual(this.#accepted.get(order.apply.identifier), order.apply)) return false;
    const deployment = this.#place.running.get(order.apply.identifier);
    const isUp = deployment !== undefined && deployment.footprint.revision === order.apply.revision;
    await this.tell({ kind: isUp ? 'ready' : 'accepted', inReplyTo, footprint, components: isUp ? componentsOf(deployment) : undefined });
    return true;
  }

  #begin(order: Order, cause: Cause): void {
    const identifier = 'remove' in order ? order.remove : order.apply.identifier;
    if ('apply' in order) this.#accepted.set(identifier, order.apply);
    else this.#accepted.delete(identifier);
    const before = this.#turns.get(identifier) ?? Promise.resolve();
    const turn = before.then(() => this.#carryOut(order, cause));
    this.#turns.set(identifier, turn);
    this.#track(
      turn.finally(() => {
        if (this.#turns.get(identifier) === turn) this.#turns.delete(identifier);
      }),
    );
  }

  async #carryOut(order: Order, cause: Cause): Promise<void> {
    const running = this.#place.running.get('remove' in order ? order.remove : order.apply.identifier);
    if ('remove' in order) {
      await running?.stop();
      // Whatever comes next begins anew.
      if (running !== undefined) this.#forget(running);
    } else await (running === undefined ? this.#deploy(order.apply, cause) : this.#apply(running, order.apply, cause));
  }

  async #deploy(footprint: Footprint, cause: Cause): Promise<void> {
    const { inReplyTo } = cause;
    const { running, runtime } = this.#place;
    const about = aboutOf({ apply: footprint });
    let deployment: Deployment;
    try {
      deployment = await deploy(footprint, { ...this.#settings.deploy, runtime });
    } catch (error) {
      this.#accepted.delete(footprint.identifier);
      await this.tell({ kind: 'failed', inReplyTo, footprint: about, error: reasonOf(error) });
      return;
    }
    running.set(footprint.identifier, deployment);
    this.#track(this.#follow(deployment, cause));
    // What did not come up has ended, or has failed alone: that is told where it is followed.
    const components = await deployment.ready.catch(() => undefined);
    if (components !== undefined) await this.tell({ kind: 'ready', inReplyTo, footprint: about, components: componentsOf(deployment) });
  }

  async #apply(deployment: Deployment, footprint: Footprint, { inReplyTo }: Cause): Promise<void> {
    const about = aboutOf({ apply: footprint });
    try {
      const { started, replaced, stopped, kept } = await deployment.apply(footprint);
      const applied = { started, replaced, stopped, kept };
      await this.tell({ kind: 'ready', inReplyTo, footprint: about, applied, components: componentsOf(deployment) });
    } catch (error) {
      // Unless a later one waits for its turn.
      if (this.#accepted.get(footprint.identifier) === footprint) this.#accepted.set(footprint.identifier, deployment.footprint);
      if (deployment.lifecycle.waitingFor().length === 0) this.#forget(deployment);
      const kind = isTracewrightError(error, 'TW_ROLLED_BACK') ? 'rolled_back' : 'failed';
      await this.tell({ kind, inReplyTo, footprint: about, error: reasonOf(error), components: componentsOf(deployment) });
    }
  }

  /** Tells of components that fail while the others go on, and of the end. */
  async #follow(deployment: Deployment, { inReplyTo, scope }: Cause): Promise<void> {
    const told = new Set<unknown>();
    const { identifier } = deployment.footprint;
    const tellOf = (instance: string, revision: number, error: unknown): void => {
      const { code, message } = reasonOf(error);
      const footprint = { identifier, revision };
      this.#track(this.tell({ kind: 'component_failed', inReplyTo, footprint, error: { code, message: `${instance}: ${message}` } }));
    };
    const forget = deployment.onChange(() => {
      for (const { instance, revision, state, error } of deployment.status()) {
        if (state !== 'failed' || told.has(error)) continue;
        told.add(error);
        // Not in the name of the component that failed, in whose work the listener is called.
        scope.activate(() => tellOf(instance, revision, error));
      }
    });
    const outcome = await deployment.done;
    forget();
    this.#forget(deployment);
    const hasFailed = outcome.status === 'failed' || outcome.status === 'terminated';
    const error = hasFailed ? reasonOf(outcome.error ?? outcome.reason) : undefined;
    await this.tell({ kind: hasFailed ? 'failed' : 'stopped', inReplyTo, footprint: revisionOf(deployment), error });
  }

  /** It has ended: the same revision may be started again. */
  #forget(deployment: Deployment): void {
    const { identifier, revision } = deployment.footprint;
    if (this.#place.running.get(identifier) === deployment) this.#place.running.delete(identifier);
    if (this.#accepted.get(identifier)?.revision === revision) this.#accepted.delete(identifier);
  }

  #track(work: Promise<unknown>): void {
    const tracked = work.catch((error: unknown) => reportFault('an order could not be carried out', error));
    this.#pending.add(tracked);
    void tracked.then(() => this.#pending.delete(tracked));
  }
}

function aboutOf(order: Order): NonNullable<Told['footprint']> {
  return 'remove' in order ? { identifier: order.remove } : { identifier: order.apply.identifier, revision: order.apply.revision };
}

function revisionOf({ footprint: { identifier, revision } }: Deployment): NonNullable<Told['footprint']> {
  return { identifier, revision };
}

function componentsOf(deployment: Deployment): NonNullable<Told['components']> {
  return deployment.status().map(({ component, instance, revision, state }) => ({ component, instance, revision, state }));
}

function reasonOf(error: unknown): NonNullable<Told['error']> {
  const cause = isTracewrightError(error, 'TW_ROLLED_BACK') || isTracewrightError(error, 'TW_COMPONENT_FAILED') ? error.cause : undefined;
  const message = cause === undefined ? messageOf(error) : `${messageOf(error)} (${messageOf(cause)})`;
  return { code: errorTypeOf(error), message };
}
