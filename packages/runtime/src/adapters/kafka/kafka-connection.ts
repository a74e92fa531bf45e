import { type Admin, type Kafka, Partitioners, type Producer } from 'kafkajs';
import { requireCount, requireText } from '../../kernel/check.ts';
import { isTracewrightError } from '../../kernel/errors.ts';
import type { MessageSource, OutgoingMessage, SubscribeOptions, TransportConnection } from '../../component/transport.ts';
import { abortable } from '../../kernel/abortable.ts';
import { within } from './within.ts';
import { isCausedBy, kafkaError, said } from './kafka-error.ts';
import { groupIdOf, requireTopic } from './kafka-names.ts';
import type { KafkaSettings } from './kafka-options.ts';
import { KafkaSource } from './kafka-source.ts';
import { KafkaTopics } from './kafka-topics.ts';
import { encodeRecord } from './message-record.ts';

export interface KafkaConnectionOptions {
  readonly clientName: string;
  readonly settings: KafkaSettings;
  readonly kafka: Kafka;
  /** Connected. */
  readonly admin: Admin;
}

/** One user of the brokers, with connections of its own: for questions, for publishing, and for each subscription. */
export class KafkaTransportConnection implements TransportConnection {
  readonly #options: KafkaConnectionOptions;
  readonly #topics: KafkaTopics;
  readonly #sources = new Set<KafkaSource>();
  #producer: Promise<Producer> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: KafkaConnectionOptions) {
    this.#options = options;
    this.#topics = new KafkaTopics(options.admin, options.settings);
  }

  async publish(destination: string, message: OutgoingMessage, signal: AbortSignal): Promise<void> {
    this.#requireOpen();
    signal.throwIfAborted();
    requireTopic('destination', destination);
    await abortable(this.#publish(destination, encodeRecord(message)), signal);
  }

  async subscribe(destination: string, { group, prefetch, signal }: SubscribeOptions): Promise<MessageSource> {
    this.#requireOpen();
    signal.throwIfAborted();
    requireTopic('destination', destination);
    const groupId = groupIdOf(requireText('group', group), destination);
    requireCount('prefetch', prefetch);
    await abortable(this.#topics.ensure(destination), signal);
    this.#requireOpen();
    const { kafka, settings } = this.#options;
    const source = new KafkaSource({ kafka, settings, destination, groupId, prefetch, onClosed: this.#forget });
    this.#sources.add(source);
    try {
      await abortable(this.#start(source, { destination, groupId }), signal);
      this.#requireOpen();
      return source;
    } catch (error) {
      // It may take the group a while, and nobody waits for it any more.
      void source.close();
      throw error;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  readonly #forget = (source: KafkaSource): void => {
    this.#sources.delete(source);
  };

  /** A group that is not to begin with what is there begins where the topic ends now, and that is written down: else it would lose what comes while it is away. */
  async #start(source: KafkaSource, place: { readonly destination: string; readonly groupId: string }): Promise<void> {
    if (this.#options.settings.fromBeginning) {
      await source.join();
      return;
    }
    const starts = await this.#startsOf(place);
    await source.join();
    await source.startAt(starts);
  }

  async #startsOf({
    destination,
    groupId,
  }: {
    readonly destination: string;
    readonly groupId: string;
  }): Promise<readonly { readonly partition: number; readonly offset: number }[]> {
    const { admin } = this.#options;
    try {
      const ends = await admin.fetchTopicOffsets(destination);
      const committed = await admin.fetchOffsets({ groupId, topics: [destination] });
      const known = new Set(
        committed.flatMap(({ partitions }) => partitions.filter(({ offset }) => Number(offset) >= 0)).map(({ partition }) => partition),
      );
      return ends.filter(({ partition }) => !known.has(partition)).map(({ partition, high }) => ({ partition, offset: Number(high) }));
    } catch (cause) {
      throw kafkaError(`the brokers do not say where "${destination}" ends: ${said(cause)}`, { data: { destination, groupId }, cause });
    }
  }

  async #publish(destination: string, record: ReturnType<typeof encodeRecord>): Promise<void> {
    await this.#topics.ensure(destination);
    try {
      const producer = await this.#connectedProducer();
      const { requestTimeoutMs } = this.#options.settings;
      await producer.send({ topic: destination, messages: [record], acks: -1, timeout: Math.ceil(requestTimeoutMs) });
    } catch (error) {
      if (isTracewrightError(error)) throw error;
      if (isCausedBy(error, ({ type }) => type === 'UNKNOWN_TOPIC_OR_PARTITION')) this.#topics.forget(destination);
      throw kafkaError(`Kafka did not confirm a message to "${destination}": ${said(error)}`, { data: { destination }, cause: error });
    }
  }

  #connectedProducer(): Promise<Producer> {
    this.#requireOpen();
    if (this.#producer === undefined) {
      const { kafka } = this.#options;
      const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false });
      this.#producer = producer.connect().then(
        () => producer,
        (error: unknown) => {
          this.#producer = undefined;
          throw error;
        },
      );
    }
    return this.#producer;
  }

  async #close(): Promise<void> {
    const { admin, settings } = this.#options;
    await Promise.all([...this.#sources].map((source) => source.close()));
    const producer = await this.#producer?.catch(() => undefined);
    const left = Promise.allSettled([producer?.disconnect(), admin.disconnect()]).then(() => undefined);
    await within(left, settings.requestTimeoutMs, () => undefined);
  }

  #requireOpen(): void {
    if (this.#closing === undefined) return;
    const { clientName } = this.#options;
    throw kafkaError(`the connection of "${clientName}" to Kafka is closed`, { data: { clientName } });
  }
}
