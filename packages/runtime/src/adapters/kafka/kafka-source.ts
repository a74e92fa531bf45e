import type { Delivery, MessageSource } from '../../component/transport.ts';
import { requireCount } from '../../kernel/check.ts';
import { Changes } from './changes.ts';
import type { MembershipOptions } from './group-events.ts';
import { GroupMembership } from './group-membership.ts';
import { type DeliveryTerms, KafkaDelivery } from './kafka-delivery.ts';
import { kafkaError } from './kafka-error.ts';
import { OffsetCommits } from './offset-commits.ts';
import type { TakenMessage } from './partition-log.ts';
import { within } from './within.ts';

export interface KafkaSourceOptions extends MembershipOptions {
  readonly onClosed: (source: KafkaSource) => void;
}

/** What comes for one member of a group. A member that the group has lost is replaced when messages are asked for again. */
export class KafkaSource implements MessageSource {
  readonly #options: KafkaSourceOptions;
  readonly #terms: DeliveryTerms;
  readonly #changes = new Changes();
  readonly #membership: GroupMembership;
  readonly #commits: OffsetCommits;
  #isReceiving = false;
  #closing: Promise<void> | undefined;

  constructor(options: KafkaSourceOptions) {
    this.#options = options;
    const onAck = (taken: TakenMessage): Promise<void> => this.#ack(taken);
    const onRetry = (taken: TakenMessage): void => this.#retry(taken);
    this.#terms = { topic: options.destination, onAck, onRetry };
    const membership = new GroupMembership(options, this.#changes);
    this.#membership = membership;
    this.#commits = new OffsetCommits(() => membership.commit());
  }

  /** Resolves when the group has taken us in, and it is known where it begins. */
  join(): Promise<void> {
    return this.#membership.join();
  }

  async receive(max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    requireCount('max', max);
    if (this.#closing !== undefined || signal.aborted) return [];
    if (this.#isReceiving) throw kafkaError('receive was called while an earlier call still waits');
    this.#isReceiving = true;
    try {
      return await this.#next(max, signal);
    } finally {
      this.#isReceiving = false;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#leave();
    return this.#closing;
  }

  async #next(max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    while (this.#closing === undefined && !signal.aborted) {
      const failure = this.#membership.takeFailure();
      if (failure !== undefined) throw failure;
      const taken = this.#take(max);
      if (taken.length > 0) return taken;
      // What it fails with is told to who waits.
      if (!this.#membership.isJoined) this.join().catch(() => undefined);
      await this.#changes.next({ signal });
    }
    return [];
  }

  #take(max: number): readonly Delivery[] {
    const { partitions, isSettled } = this.#membership;
    const room = isSettled ? Math.min(max, this.#options.prefetch - partitions.held) : 0;
    if (room <= 0) return [];
    const taken = partitions.take(room).map((message) => new KafkaDelivery(message, this.#terms));
    if (taken.length > 0) this.#membership.wake();
    return taken;
  }

  async #ack(taken: TakenMessage): Promise<void> {
    const canCommit = taken.log.settle(taken);
    this.#changes.tell();
    if (canCommit) await this.#commits.request();
  }

  #retry(taken: TakenMessage): void {
    taken.log.giveBack(taken);
    this.#changes.tell();
  }

  async #leave(): Promise<void> {
    const { settings, onClosed } = this.#options;
    this.#changes.tell();
    if (this.#membership.partitions.uncommitted().length > 0)
      // Those who wait for it are told themselves; what is not committed comes again.
      await within(this.#commits.request(), settings.requestTimeoutMs, () => undefined).catch(() => undefined);
    await this.#membership.leave();
    onClosed(this);
  }
}
