import { isDeepStrictEqual } from 'node:util';
import { TracewrightError } from '../../kernel/errors.ts';
import { asContent } from '../../kernel/exceptions.ts';
import type { Scope } from '../../kernel/scope.ts';
import type { Lifecycle } from '../../lifecycle/lifecycle.ts';
import { claimsOf } from '../claims.ts';
import type { Deployment } from '../deploy.ts';
import type { Footprint } from '../footprint.ts';
import { requireLocation, requireSuccessor } from '../may-apply.ts';
import type { Message } from '../message.ts';
import { whenSettled } from '../subscription/after-settled.ts';
import { Assignment } from './assignment.ts';
import { identifierOf, type Order, readOrder } from './order.ts';
import type { ReplicaSetSettings } from './replica-set-options.ts';
import { componentsOf, reasonOf } from './reasons.ts';
import type { StatusTopic } from './status-topic.ts';

/** So many identifiers are remembered of what was removed. */
const maxRemembered = 1000;

/** Takes orders, and has them carried out: those for one footprint one after the other. */
export class Replica {
  readonly #settings: ReplicaSetSettings;
  readonly #lifecycle: Lifecycle;
  readonly #topic: StatusTopic;
  readonly #assignments = new Map<string, Assignment>();
  /** What ran here, and was removed: whoever asks for that again is told so. */
  readonly #removed = new Set<string>();

  constructor(settings: ReplicaSetSettings, lifecycle: Lifecycle, topic: StatusTopic) {
    this.#settings = settings;
    this.#lifecycle = lifecycle;
    this.#topic = topic;
  }

  get deployments(): ReadonlyMap<string, Deployment> {
    const running = new Map<string, Deployment>();
    for (const [identifier, { deployment }] of this.#assignments) if (deployment !== undefined) running.set(identifier, deployment);
    return running;
  }

  /**
   * Takes one order: says what is wrong with it, or that it will be carried out. That begins when the message is done with.
   *
   * @throws {TracewrightError} why it is refused
   */
  async take({ payload, id }: Message<string>, scope: Scope): Promise<void> {
    const order = await this.#read(payload, id);
    if (await this.#answerAgain(order, id)) return;
    await this.#topic.tell({ kind: 'accepted', inReplyTo: id, footprint: aboutOf(order) });
    const settled = whenSettled(scope);
    // Forked here, it follows from this message; it outlives the message, and the replica waits for it.
    this.#lifecycle.fork('order', async (own) => {
      if (await settled) await this.#assignmentOf(identifierOf(order)).carryOut(order, { inReplyTo: id, lifecycle: own });
    });
  }

  async #read(text: string, inReplyTo: string): Promise<Order> {
    let footprint: ReturnType<typeof aboutOf> | undefined;
    try {
      const order = readOrder(text, `control message ${inReplyTo}`);
      footprint = aboutOf(order);
      if ('apply' in order) await this.#requireInOrder(order.apply);
      else this.#requireKnown(order.remove);
      return order;
    } catch (error) {
      await this.#topic.tell({ kind: 'refused', inReplyTo, footprint, error: reasonOf(error) });
      throw error;
    }
  }

  async #requireInOrder(footprint: Footprint): Promise<void> {
    const { components, locations } = this.#settings.deploy;
    requireLocation(footprint, locations);
    const assignment = this.#assignments.get(footprint.identifier);
    const accepted = assignment?.accepted;
    if (assignment !== undefined && accepted !== undefined && !isDeepStrictEqual(accepted, footprint))
      requireSuccessor(accepted, footprint, assignment.isUpWith(accepted) ? 'runs' : 'is to run');
    await claimsOf(footprint, components);
  }

  #requireKnown(identifier: string): void {
    if (this.#assignments.has(identifier) || this.#removed.has(identifier)) return;
    const running = [...this.#assignments.keys()];
    const message = `${identifier} does not run here: ${running.length === 0 ? 'nothing does' : `there are ${running.join(', ')}`}`;
    throw asContent(new TracewrightError('TW_UNKNOWN_FOOTPRINT', message, { data: { identifier, running } }));
  }

  /** Whether the order is one that was taken before: its sender is told once more how things stand. */
  async #answerAgain(order: Order, inReplyTo: string): Promise<boolean> {
    const assignment = this.#assignments.get(identifierOf(order));
    const footprint = aboutOf(order);
    if ('remove' in order) {
      if (assignment !== undefined) return false;
      await this.#topic.tell({ kind: 'stopped', inReplyTo, footprint });
      return true;
    }
    if (assignment?.accepted === undefined || !isDeepStrictEqual(assignment.accepted, order.apply)) return false;
    const deployment = assignment.isUpWith(order.apply) ? assignment.deployment : undefined;
    const components = deployment && componentsOf(deployment);
    await this.#topic.tell({ kind: deployment === undefined ? 'accepted' : 'ready', inReplyTo, footprint, components });
    return true;
  }

  #assignmentOf(identifier: string): Assignment {
    let assignment = this.#assignments.get(identifier);
    if (assignment === undefined) {
      const onOver = (isRemoved: boolean): void => this.#over(identifier, isRemoved);
      assignment = new Assignment(this.#settings, { lifecycle: this.#lifecycle, topic: this.#topic, onOver });
      this.#assignments.set(identifier, assignment);
      this.#removed.delete(identifier);
    }
    return assignment;
  }

  /** Nothing of that name runs any more, and nothing is to. */
  #over(identifier: string, isRemoved: boolean): void {
    this.#assignments.delete(identifier);
    if (!isRemoved) return;
    this.#removed.add(identifier);
    const [oldest] = this.#removed;
    if (this.#removed.size > maxRemembered && oldest !== undefined) this.#removed.delete(oldest);
  }
}

function aboutOf(order: Order): { readonly identifier: string; readonly revision?: number } {
  return 'remove' in order ? { identifier: order.remove } : { identifier: order.apply.identifier, revision: order.apply.revision };
}
