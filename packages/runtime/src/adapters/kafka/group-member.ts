import type { Consumer, ConsumerGroupJoinEvent, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { systemClock } from '../../kernel/clock.ts';
import { consumerRetry } from './kafka-client.ts';
import type { KafkaSettings } from './kafka-options.ts';

export interface GroupPlace {
  readonly groupId: string;
  readonly topic: string;
}

/** What a member tells of the group. */
export interface GroupEvents {
  /** The partitions are handed out anew, and it is not known yet who gets which. */
  onRebalance(): void;
  /** The group has said which partitions are ours. Where `isNew`, it had taken us for gone before, and others may have had all of them meanwhile. */
  onAssigned(partitions: readonly number[], isNew: boolean): void;
  /** Messages of one partition have come. Gives false where they are not wanted. */
  onMessages(partition: number, messages: readonly KafkaMessage[], lastOffset: number): boolean;
  /** Whether no more are wanted for now. */
  isFull(): boolean;
  /** The group is left, and nobody has asked for it. */
  onLost(error: Error): void;
}

/** One member of a group of Kafka's, which says that it lives for as long as it is not told to leave, however long it takes to handle a message. */
export class GroupMember {
  readonly #consumer: Consumer;
  readonly #place: GroupPlace;
  readonly #settings: KafkaSettings;
  readonly #events: GroupEvents;
  #joining: Promise<void> | undefined;
  #memberId: string | undefined;
  #commits = 0;
  #crash: { readonly error: Error } | undefined;
  #isLeaving = false;
  #wake: () => void = () => undefined;

  constructor(kafka: Kafka, settings: KafkaSettings, given: GroupPlace & { readonly events: GroupEvents }) {
    const { groupId, topic, events } = given;
    this.#place = { groupId, topic };
    this.#settings = settings;
    this.#events = events;
    this.#consumer = kafka.consumer({
      groupId,
      sessionTimeout: settings.sessionTimeoutMs,
      rebalanceTimeout: settings.rebalanceTimeoutMs,
      heartbeatInterval: settings.heartbeatIntervalMs,
      maxWaitTimeInMs: settings.maxWaitTimeMs,
      maxBytesPerPartition: settings.maxBytesPerPartition,
      allowAutoTopicCreation: false,
      retry: consumerRetry,
    });
    const { GROUP_JOIN, REBALANCING, COMMIT_OFFSETS, CRASH } = this.#consumer.events;
    this.#consumer.on(GROUP_JOIN, this.#onJoin);
    this.#consumer.on(REBALANCING, () => events.onRebalance());
    this.#consumer.on(COMMIT_OFFSETS, () => void (this.#commits += 1));
    this.#consumer.on(CRASH, ({ payload }) => this.#onCrash(payload.error));
  }

  /** Resolves when the group has said which partitions are ours. */
  join(): Promise<void> {
    this.#joining = this.#join();
    return this.#joining;
  }

  /**
   * Tells the group up to where all is settled.
   *
   * @param offsets of the next messages that are wanted
   */
  async commit(offsets: readonly { readonly partition: number; readonly offset: number }[]): Promise<void> {
    const { topic } = this.#place;
    const before = this.#commits;
    await this.#consumer.commitOffsets(offsets.map(({ partition, offset }) => ({ topic, partition, offset: String(offset) })));
    // A client that has stopped says nothing, and does nothing.
    if (this.#commits === before) throw this.#crash?.error ?? new Error('the consumer has stopped');
  }

  /** Goes on at `offset`. */
  seek(partition: number, offset: number): void {
    this.#consumer.seek({ topic: this.#place.topic, partition, offset: String(offset) });
  }

  /** More may be wanted again. */
  wake(): void {
    this.#wake();
  }

  async leave(): Promise<void> {
    this.#isLeaving = true;
    this.#wake();
    // A client that is told to stop while it joins goes on with that, and never stops.
    await this.#joining?.catch(() => undefined);
    await this.#consumer.disconnect();
  }

  async #join(): Promise<void> {
    const { topic } = this.#place;
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [topic], fromBeginning: this.#settings.fromBeginning });
    await this.#consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: this.#onBatch });
    if (this.#crash !== undefined) throw this.#crash.error;
  }

  readonly #onJoin = ({ payload: { memberId, memberAssignment } }: ConsumerGroupJoinEvent): void => {
    const isNew = memberId !== this.#memberId;
    this.#memberId = memberId;
    this.#events.onAssigned(memberAssignment[this.#place.topic] ?? [], isNew);
  };

  #onCrash(error: Error): void {
    this.#crash = { error };
    if (!this.#isLeaving) this.#events.onLost(error);
  }

  /** Keeps the next request back while no more is wanted. The client says that we live only between two requests, so that is done here meanwhile. */
  readonly #onBatch = async ({ batch, resolveOffset, heartbeat, isRunning }: EachBatchPayload): Promise<void> => {
    if (this.#isLeaving || !this.#events.onMessages(batch.partition, batch.messages, Number(batch.lastOffset()))) return;
    resolveOffset(batch.lastOffset());
    while (isRunning() && !this.#isLeaving && this.#events.isFull()) {
      await this.#room(this.#settings.heartbeatIntervalMs);
      await heartbeat();
    }
  };

  #room(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = systemClock.setTimer(() => this.#wake(), ms);
      this.#wake = () => {
        cancel();
        this.#wake = () => undefined;
        resolve();
      };
    });
  }
}
