import type { Consumer, ConsumerGroupJoinEvent, EachBatchPayload, Kafka } from 'kafkajs';
import { systemClock } from '../../kernel/clock.ts';
import type { GroupEvents, GroupPlace, PartitionOffset } from './group-events.ts';
import { consumerRetry } from './kafka-client.ts';
import { isOfRebalance } from './kafka-error.ts';
import type { KafkaSettings } from './kafka-options.ts';

/** One member of a group of Kafka's, which says that it lives for as long as it is not told to leave, however long it takes to handle a message. */
export class GroupMember {
  readonly #consumer: Consumer;
  readonly #place: GroupPlace;
  readonly #settings: KafkaSettings;
  readonly #events: GroupEvents;
  readonly #paused = new Set<number>();
  #joining: Promise<void> | undefined;
  #memberId: string | undefined;
  #commits = 0;
  #crash: { readonly error: Error } | undefined;
  #isLeaving = false;
  /** Whether the group waits for us. What has come is fetched again afterwards. */
  #isAwaited = false;
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

  /** Tells the group up to where all is settled. */
  async commit(offsets: readonly PartitionOffset[]): Promise<void> {
    const { topic } = this.#place;
    const before = this.#commits;
    await this.#consumer.commitOffsets(offsets.map(({ partition, offset }) => ({ topic, partition, offset: String(offset) })));
    // A client that has stopped says nothing, and does nothing.
    if (this.#commits === before) throw this.#crash?.error ?? new Error('the consumer has stopped');
  }

  /** Goes on at `offset`. */
  seek({ partition, offset }: PartitionOffset): void {
    this.#consumer.seek({ topic: this.#place.topic, partition, offset: String(offset) });
  }

  /** Fetches no more of these partitions until they are resumed, whoever has them meanwhile. */
  pause(partitions: readonly number[]): void {
    for (const partition of partitions) this.#paused.add(partition);
    this.#consumer.pause([{ topic: this.#place.topic, partitions: [...partitions] }]);
  }

  /** Goes on with the paused partitions of which `isWanted` says so. */
  resume(isWanted: (partition: number) => boolean): void {
    const partitions = [...this.#paused].filter(isWanted);
    if (partitions.length === 0) return;
    for (const partition of partitions) this.#paused.delete(partition);
    this.#consumer.resume([{ topic: this.#place.topic, partitions }]);
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
    // It is also where the client goes on once what it wants is not kept any more: the end would skip what is.
    await this.#consumer.subscribe({ topics: [topic], fromBeginning: true });
    await this.#consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: this.#onBatch });
    if (this.#crash !== undefined) throw this.#crash.error;
  }

  readonly #onJoin = ({ payload: { memberId, memberAssignment } }: ConsumerGroupJoinEvent): void => {
    const isNew = memberId !== this.#memberId;
    this.#memberId = memberId;
    this.#isAwaited = false;
    this.#events.onAssigned(memberAssignment[this.#place.topic] ?? [], isNew);
  };

  #onCrash(error: Error): void {
    this.#crash = { error };
    if (!this.#isLeaving) this.#events.onLost(error);
  }

  /** Keeps the next request back while no more is wanted. The client says that we live only between two requests, so that is done here meanwhile. */
  readonly #onBatch = async ({ batch, resolveOffset, heartbeat, isRunning }: EachBatchPayload): Promise<void> => {
    if (this.#isLeaving || this.#isAwaited) return;
    const { partition, messages } = batch;
    const [lastOffset, highWatermark] = [Number(batch.lastOffset()), Number(batch.highWatermark)];
    if (!this.#events.onMessages(partition, { messages, lastOffset, highWatermark })) return;
    resolveOffset(batch.lastOffset());
    while (isRunning() && !this.#isLeaving && this.#events.isFull()) {
      await this.#room(this.#settings.heartbeatIntervalMs);
      await heartbeat().catch((error: unknown) => {
        // The batches behind this one would each find that out for themselves, one interval after the other.
        this.#isAwaited = isOfRebalance(error);
        throw error;
      });
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
