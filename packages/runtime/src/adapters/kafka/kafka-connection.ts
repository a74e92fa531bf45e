import { type Admin, type Kafka, Partitioners, type Producer } from 'kafkajs';
import { requireCount, requireText } from '../../kernel/check.ts';
import { isTracewrightError } from '../../kernel/errors.ts';
import type { MessageSource, OutgoingMessage, SubscribeOptions, TransportConnection } from '../../component/transport.ts';
import { abortable } from '../../kernel/abortable.ts';
import type { ClientSockets } from './client-sockets.ts';
import type { GroupPlace } from './group-events.ts';
import { GroupStart } from './group-start.ts';
import { isCausedBy, kafkaError, said } from './kafka-error.ts';
import { groupIdOf, requireTopic } from './kafka-names.ts';
import type { KafkaSettings } from './kafka-options.ts';
import { KafkaSource } from './kafka-source.ts';
import { KafkaTopics } from './kafka-topics.ts';
import { encodeRecord } from './message-record.ts';
import { RenewedClient } from './renewed-client.ts';
import { within } from './within.ts';

export interface KafkaConnectionOptions {
  readonly clientName: string;
  readonly settings: KafkaSettings;
  readonly kafka: Kafka;
  readonly admin: RenewedClient<Admin>;
  readonly sockets: ClientSockets;
}

const tooLarge: ReadonlySet<string> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'RECORD_TOO_LARGE']);

/** One user of the brokers, with connections of its own: for questions, for publishing, and for each subscription. */
export class KafkaTransportConnection implements TransportConnection {
  readonly #options: KafkaConnectionOptions;
  readonly #topics: KafkaTopics;
  readonly #sources = new Set<KafkaSource>();
  readonly #producer: RenewedClient<Producer>;
  #closing: Promise<void> | undefined;

  constructor(options: KafkaConnectionOptions) {
    this.#options = options;
    this.#topics = new KafkaTopics(options.admin, options.settings);
    const producerOptions = { createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false };
    this.#producer = new RenewedClient(() => options.kafka.producer(producerOptions));
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
    const start = await abortable(this.#startOf({ groupId, topic: destination }), signal);
    this.#requireOpen();
    const { kafka, settings } = this.#options;
    const source = new KafkaSource({ kafka, settings, destination, groupId, prefetch, start, onClosed: this.#forget });
    this.#sources.add(source);
    try {
      await abortable(source.join(), signal);
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

  async #startOf(place: GroupPlace): Promise<GroupStart | undefined> {
    const { admin, settings } = this.#options;
    return settings.fromBeginning ? undefined : GroupStart.find(admin, place);
  }

  async #publish(destination: string, record: ReturnType<typeof encodeRecord>): Promise<void> {
    await this.#topics.ensure(destination);
    try {
      this.#requireOpen();
      const timeout = Math.ceil(this.#options.settings.requestTimeoutMs);
      await this.#producer.use((producer) => producer.send({ topic: destination, messages: [record], acks: -1, timeout }));
    } catch (error) {
      if (isTracewrightError(error)) throw error;
      if (isCausedBy(error, ({ type }) => type === 'UNKNOWN_TOPIC_OR_PARTITION')) this.#topics.forget(destination);
      const isTooLarge = isCausedBy(error, ({ type }) => typeof type === 'string' && tooLarge.has(type));
      const data = isTooLarge ? { destination, isTooLarge } : { destination };
      throw kafkaError(`Kafka did not confirm a message to "${destination}": ${said(error)}`, { data, cause: error });
    }
  }

  async #close(): Promise<void> {
    const { admin, settings, sockets } = this.#options;
    await Promise.all([...this.#sources].map((source) => source.close()));
    const left = Promise.all([this.#producer.close(), admin.close()]).then(() => undefined);
    await within(left, settings.requestTimeoutMs, () => undefined);
    // What waits for a broker that is away, or connects to it just now.
    sockets.close();
  }

  #requireOpen(): void {
    if (this.#closing === undefined) return;
    const { clientName } = this.#options;
    throw kafkaError(`the connection of "${clientName}" to Kafka is closed`, { data: { clientName } });
  }
}
