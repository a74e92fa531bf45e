import { isTracewrightError } from '../../kernel/errors.ts';
import type { Lifecycle } from '../../lifecycle/lifecycle.ts';
import type { Outcome } from '../../lifecycle/outcome.ts';
import { type Deployment, type DeploymentRuntime, deploy } from '../deploy.ts';
import type { Footprint } from '../footprint.ts';
import type { Order } from './order.ts';
import type { ComponentStatus } from '../started-component.ts';
import { componentsOf, reasonOf } from './reasons.ts';
import type { ReplicaSetSettings } from './replica-set-options.ts';
import type { Told } from './replica-status.ts';
import type { StatusTopic } from './status-topic.ts';

/** Why something is done. */
export interface Cause {
  /** The id of the control message. */
  readonly inReplyTo: string;
  /** In which it is done: it stands below the replica, and is linked to the message. */
  readonly lifecycle: Lifecycle;
}

export interface AssignmentPlace {
  /** Below which the deployment runs. */
  readonly lifecycle: Lifecycle;
  readonly topic: StatusTopic;
  /** Called when nothing is left of it. */
  readonly onOver: (isRemoved: boolean) => void;
}

/** An order that was taken, and is to be carried out or runs. */
interface Taken {
  readonly footprint: Footprint;
  readonly cause: Cause;
  /** Somebody has removed it meanwhile. */
  isRemoved: boolean;
}

interface Running {
  readonly deployment: Deployment;
  /** The order that it is of. */
  taken: Taken;
  isUp: boolean;
  /** Settles when it has ended, and that was told. */
  over: Promise<void>;
}

/** All that concerns one footprint. */
export class Assignment {
  readonly #settings: ReplicaSetSettings;
  readonly #place: AssignmentPlace;
  /** In the order of their messages; the last one is the one to be. */
  #taken: Taken | undefined;
  #running: Running | undefined;
  #turn: Promise<void> = Promise.resolve();
  #turns = 0;

  constructor(settings: ReplicaSetSettings, place: AssignmentPlace) {
    this.#settings = settings;
    this.#place = place;
  }

  /** What was found to be in order last, and runs or is to run. */
  get accepted(): Footprint | undefined {
    return this.#taken?.footprint;
  }

  get deployment(): Deployment | undefined {
    return this.#running?.deployment;
  }

  isUpWith(footprint: Footprint): boolean {
    const { deployment, isUp } = this.#running ?? {};
    return isUp === true && deployment?.footprint.revision === footprint.revision && !deployment.grace.aborted;
  }

  /** Resolves when the order has been carried out, or has failed, and what it started has ended; each was told then. Never rejects. */
  async carryOut(order: Order, cause: Cause): Promise<void> {
    const before = this.#turn;
    let end: () => void = () => undefined;
    this.#turn = new Promise((resolve) => (end = resolve));
    this.#turns += 1;
    let started: Running | undefined;
    if ('apply' in order) {
      const taken = { footprint: order.apply, cause, isRemoved: false };
      this.#taken = taken;
      await before;
      started = await this.#bring(taken);
    } else {
      await this.#remove(before, order.remove, cause);
    }
    this.#turns -= 1;
    end();
    this.#forgetIfOver('remove' in order);
    await started?.over;
  }

  async #remove(before: Promise<void>, identifier: string, cause: Cause): Promise<void> {
    if (this.#taken !== undefined) this.#taken.isRemoved = true;
    this.#taken = undefined;
    // Also what is only about to come up.
    const { deployment } = this.#running ?? {};
    await deployment?.stop();
    await before;
    await this.#running?.deployment.stop();
    const footprint = { identifier, revision: deployment?.footprint.revision };
    await this.#place.topic.tell({ kind: 'stopped', inReplyTo: cause.inReplyTo, footprint });
  }

  async #bring(taken: Taken): Promise<Running | undefined> {
    // What is ending cannot be brought to anything: the next one begins anew.
    if (this.#running?.deployment.grace.aborted === true) await this.#running.deployment.done;
    if (taken.isRemoved) return undefined;
    const { deployment } = this.#running ?? {};
    if (deployment === undefined) return await this.#deploy(taken);
    await this.#apply(deployment, taken);
    return undefined;
  }

  async #deploy(taken: Taken): Promise<Running | undefined> {
    const { lifecycle } = this.#place;
    const runtime: DeploymentRuntime = { lifecycle: (name, body, options) => lifecycle.fork(name, body, options) };
    let deployment: Deployment;
    try {
      deployment = await deploy(taken.footprint, { ...this.#settings.deploy, runtime });
    } catch (error) {
      this.#drop(taken);
      await this.#tell(taken, { kind: 'failed', error: reasonOf(error) });
      return undefined;
    }
    const running: Running = { deployment, taken, isUp: false, over: Promise.resolve() };
    this.#running = running;
    running.over = this.#follow(running, taken.cause);
    if (taken.isRemoved) void deployment.stop();
    // What did not come up has ended, or has failed alone: that is told where it is followed.
    const components = await deployment.ready.catch(() => []);
    if (deployment.grace.aborted || !components.some(({ state }) => state !== 'failed')) return running;
    running.isUp = true;
    await this.#tell(taken, { kind: 'ready', components: componentsOf(deployment) });
    return running;
  }

  async #apply(deployment: Deployment, taken: Taken): Promise<void> {
    const running = this.#running;
    try {
      const { started, replaced, stopped, kept } = await deployment.apply(taken.footprint);
      if (running !== undefined) running.taken = taken;
      await this.#tell(taken, { kind: 'ready', applied: { started, replaced, stopped, kept }, components: componentsOf(deployment) });
    } catch (error) {
      // Unless a later one waits for its turn.
      if (this.#taken === taken) this.#taken = this.#running?.taken;
      const isRestored = isTracewrightError(error, 'TW_ROLLED_BACK') && error.data['restored'] === true;
      await this.#tell(taken, {
        kind: isRestored ? 'rolled_back' : 'failed',
        error: reasonOf(error),
        components: componentsOf(deployment),
      });
    }
  }

  /** Tells of each component that fails, and of the end. */
  async #follow(running: Running, { lifecycle }: Cause): Promise<void> {
    const { deployment } = running;
    const told = new Map<string, ComponentStatus>();
    const look = (): void => {
      for (const status of deployment.status()) {
        const before = told.get(status.instance);
        told.set(status.instance, status);
        const isKnown = before?.state === 'failed' && before.error === status.error && before.revision === status.revision;
        // Not in the work of the component that failed, in which the listener is called, and which ends.
        if (status.state === 'failed' && !isKnown) lifecycle.scope.activate(() => void this.#tellOfFailure(status));
      }
    };
    const forget = deployment.onChange(look);
    look();
    const outcome = await deployment.done;
    forget();
    if (this.#running === running) this.#running = undefined;
    this.#drop(running.taken);
    // Whoever has it removed is told there.
    if (!running.taken.isRemoved) await this.#tell(running.taken, endOf(outcome, deployment));
    this.#forgetIfOver(false);
  }

  async #tellOfFailure({ instance, revision, error }: ComponentStatus): Promise<void> {
    const taken = [this.#taken, this.#running?.taken].find((each) => each?.footprint.revision === revision) ?? this.#running?.taken;
    if (taken === undefined) return;
    const { code, message } = reasonOf(error);
    const { identifier } = taken.footprint;
    const failed = { code, message: `${instance}: ${message}` };
    const { inReplyTo } = taken.cause;
    await this.#place.topic.tell({ kind: 'component_failed', inReplyTo, footprint: { identifier, revision }, error: failed });
  }

  async #tell({ cause, footprint: { identifier, revision } }: Taken, told: Omit<Told, 'footprint' | 'inReplyTo'>): Promise<void> {
    await this.#place.topic.tell({ ...told, inReplyTo: cause.inReplyTo, footprint: { identifier, revision } });
  }

  /** The same revision may be sent again. */
  #drop(taken: Taken): void {
    if (this.#taken === taken) this.#taken = undefined;
  }

  #forgetIfOver(isRemoved: boolean): void {
    if (this.#turns === 0 && this.#running === undefined && this.#taken === undefined) this.#place.onOver(isRemoved);
  }
}

function endOf(outcome: Outcome, deployment: Deployment): Pick<Told, 'kind' | 'error'> {
  const failed = deployment.status().filter(({ state }) => state === 'failed');
  const hasFailed = outcome.status === 'failed' || outcome.status === 'terminated' || failed.length === deployment.status().length;
  if (!hasFailed) return { kind: 'stopped' };
  return { kind: 'failed', error: reasonOf(outcome.error ?? outcome.reason ?? failed[0]?.error) };
}
