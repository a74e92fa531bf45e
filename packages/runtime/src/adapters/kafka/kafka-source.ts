import type { Kafka, KafkaMessage } from 'kafkajs';
import { requireCount } from '../../kernel/check.ts';
import { systemClock } from '../../kernel/clock.ts';
import type { TracewrightError } from '../../kernel/errors.ts';
import type { Delivery, MessageSource } from '../../component/transport.ts';
import { within } from './within.ts';
import { AssignedPartitions } from './assigned-partitions.ts';
import { GroupMember } from './group-member.ts';
import { type DeliveryTerms, KafkaDelivery } from './kafka-delivery.ts';
import { isOfRebalance, kafkaError, said } from './kafka-error.ts';
import type { KafkaSettings } from './kafka-options.ts';
import { OffsetCommits } from './offset-commits.ts';
import type { TakenMessage } from './partition-log.ts';

export interface KafkaSourceOptions {
  readonly kafka: Kafka;
  readonly settings: KafkaSettings;
  readonly destination: string;
  readonly groupId: string;
  readonly prefetch: number;
  readonly onClosed: (source: KafkaSource) => void;
}

/** One member of a group, and what has come for it. A member that the group has lost is replaced when messages are asked for again. */
export class KafkaSource implements MessageSource {
  readonly #options: KafkaSourceOptions;
  readonly #terms: DeliveryTerms;
  readonly #partitions = new AssignedPartitions();
  readonly #commits = new OffsetCommits(() => this.#commit());
  /** Called when anything changes. */
  readonly #listeners = new Set<() => void>();
  #member: GroupMember | undefined;
  #joining: Promise<void> | undefined;
  /** Until the group has said who gets which partitions, none of what has come is given out. */
  #isRebalancing = false;
  #isReceiving = false;
  #failure: TracewrightError | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: KafkaSourceOptions) {
    this.#options = options;
    const onAck = (taken: TakenMessage): Promise<void> => this.#ack(taken);
    const onRetry = (taken: TakenMessage): void => this.#retry(taken);
    this.#terms = { topic: options.destination, onAck, onRetry };
  }

  /** Resolves when the group has taken us in. */
  join(): Promise<void> {
    this.#joining ??= this.#join().finally(() => {
      this.#joining = undefined;
      this.#tell();
    });
    return this.#joining;
  }

  /** Has the group begin at `starts`, where it has committed nothing yet and the partition is ours. */
  async startAt(starts: readonly { readonly partition: number; readonly offset: number }[]): Promise<void> {
    const ours = starts.filter(({ partition }) => this.#partitions.get(partition) !== undefined);
    if (this.#member === undefined || ours.length === 0) return;
    await this.#member.commit(ours);
    for (const { partition, offset } of ours) this.#member?.seek(partition, offset);
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
      const failure = this.#failure;
      this.#failure = undefined;
      if (failure !== undefined) throw failure;
      const taken = this.#take(max);
      if (taken.length > 0) return taken;
      // What it fails with is told to who waits.
      if (this.#member === undefined) this.join().catch(() => undefined);
      await this.#change({ signal });
    }
    return [];
  }

  #take(max: number): readonly Delivery[] {
    const room = this.#isRebalancing ? 0 : Math.min(max, this.#options.prefetch - this.#partitions.held);
    if (room <= 0) return [];
    const taken = this.#partitions.take(room).map((message) => new KafkaDelivery(message, this.#terms));
    if (taken.length > 0) this.#member?.wake();
    return taken;
  }

  async #join(): Promise<void> {
    const { kafka, settings, destination, groupId } = this.#options;
    const member: GroupMember = new GroupMember(kafka, settings, {
      groupId,
      topic: destination,
      events: {
        onRebalance: () => (this.#isRebalancing = true),
        onAssigned: (partitions, isNew) => this.#assign(partitions, isNew),
        onMessages: (partition, messages, lastOffset) => this.#add(partition, messages, lastOffset),
        isFull: () => this.#partitions.waiting >= this.#options.prefetch,
        onLost: (error) => this.#lose(member, error),
      },
    });
    this.#member = member;
    try {
      await member.join();
    } catch (error) {
      if (this.#member === member) this.#lose(member, error);
      throw this.#failure ?? this.#cannotReceive(error);
    }
  }

  #assign(partitions: readonly number[], isNew: boolean): void {
    if (isNew) this.#partitions.clear();
    this.#partitions.assign(partitions);
    this.#isRebalancing = false;
    this.#tell();
  }

  #add(partition: number, messages: readonly KafkaMessage[], lastOffset: number): boolean {
    const log = this.#partitions.get(partition);
    if (log === undefined || this.#closing !== undefined) return false;
    log.add(messages, lastOffset);
    this.#tell();
    return true;
  }

  #lose(member: GroupMember, error: unknown): void {
    if (this.#member !== member) return;
    this.#member = undefined;
    this.#isRebalancing = false;
    this.#partitions.clear();
    this.#failure = this.#cannotReceive(error);
    // It has left already, or cannot; it lets its connections go.
    member.leave().catch(() => undefined);
    this.#tell();
  }

  async #ack(taken: TakenMessage): Promise<void> {
    const canCommit = taken.log.settle(taken);
    this.#tell();
    if (canCommit) await this.#commits.request();
  }

  #retry(taken: TakenMessage): void {
    taken.log.giveBack(taken);
    this.#tell();
  }

  async #commit(): Promise<void> {
    const { destination, settings } = this.#options;
    const until = systemClock.monotonic() + settings.requestTimeoutMs;
    for (;;) {
      // What is not ours any more settles into nothing.
      const offsets = this.#partitions.uncommitted();
      if (offsets.length === 0 || this.#member === undefined) return;
      try {
        await this.#member.commit(offsets);
        for (const { log, offset } of offsets) log.committed(offset);
        return;
      } catch (cause) {
        const restMs = until - systemClock.monotonic();
        const text = `Kafka did not confirm what became of messages of "${destination}": ${said(cause)}`;
        if (!isOfRebalance(cause) || restMs <= 0) throw kafkaError(text, { data: { destination }, cause });
        // The group will say who has which partitions now.
        await this.#change({ patienceMs: Math.min(restMs, settings.heartbeatIntervalMs) });
      }
    }
  }

  /** Waits until anything changes. */
  #change({ signal, patienceMs }: { readonly signal?: AbortSignal; readonly patienceMs?: number }): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal?.removeEventListener('abort', done);
        this.#listeners.delete(done);
        resolve();
      };
      const cancel = patienceMs === undefined ? (): void => undefined : systemClock.setTimer(done, patienceMs);
      this.#listeners.add(done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  async #leave(): Promise<void> {
    const { settings, onClosed } = this.#options;
    const { requestTimeoutMs } = settings;
    this.#tell();
    const member = this.#member;
    if (this.#partitions.uncommitted().length > 0)
      // Those who wait for it are told themselves; what is not committed comes again.
      await within(this.#commits.request(), requestTimeoutMs, () => undefined).catch(() => undefined);
    // A broker that is away keeps nobody here; it finds out by itself.
    if (member !== undefined) await within(member.leave(), requestTimeoutMs, () => undefined).catch(() => undefined);
    this.#member = undefined;
    this.#partitions.clear();
    onClosed(this);
  }

  #cannotReceive(cause: unknown): TracewrightError {
    const { destination, groupId } = this.#options;
    const text = `"${destination}" cannot be received from Kafka any more: ${said(cause)}`;
    return kafkaError(text, { data: { destination, groupId }, cause });
  }
}
