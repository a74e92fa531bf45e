import type { Admin } from 'kafkajs';
import { isCausedBy, kafkaError, said } from './kafka-error.ts';
import type { KafkaSettings } from './kafka-options.ts';

export type TopicAdmin = Pick<Admin, 'listTopics' | 'createTopics' | 'fetchTopicMetadata'>;

/** Whoever has a client to ask with. */
export interface TopicAsker {
  use<T>(work: (admin: TopicAdmin) => Promise<T>): Promise<T>;
}

/** Topics, created where they are missing. */
export class KafkaTopics {
  readonly #admin: TopicAsker;
  readonly #settings: Pick<KafkaSettings, 'topics' | 'requestTimeoutMs'>;
  /** What is known to be there; several callers wait for one look. */
  readonly #known = new Map<string, Promise<void>>();

  constructor(admin: TopicAsker, settings: Pick<KafkaSettings, 'topics' | 'requestTimeoutMs'>) {
    this.#admin = admin;
    this.#settings = settings;
  }

  /**
   * Resolves when `topic` is there.
   *
   * @throws {TracewrightError} `TW_TRANSPORT` where it is not, and is not to be created or cannot be
   */
  ensure(topic: string): Promise<void> {
    let known = this.#known.get(topic);
    if (known === undefined) {
      known = this.#findOrCreate(topic);
      this.#known.set(topic, known);
      known.catch(() => this.#known.delete(topic));
    }
    return known;
  }

  /** Looks again next time: somebody may have removed the topic. */
  forget(topic: string): void {
    this.#known.delete(topic);
  }

  async #findOrCreate(topic: string): Promise<void> {
    const data = { destination: topic };
    const isThere = await this.#isThere(topic).catch((cause: unknown) => {
      throw kafkaError(`the brokers do not say whether there is a topic "${topic}": ${said(cause)}`, { data, cause });
    });
    if (isThere) return;
    if (!this.#settings.topics.create)
      throw kafkaError(`there is no topic "${topic}", and topics.create is false: create it, or let the transport do so`, { data });
    await this.#admin
      .use((admin) => this.#create(admin, topic))
      .catch((cause: unknown) => {
        throw kafkaError(`there is no topic "${topic}", and it could not be created: ${saidOfTopic(cause)}`, { data, cause });
      });
  }

  async #isThere(topic: string): Promise<boolean> {
    return (await this.#admin.use((admin) => admin.listTopics())).includes(topic);
  }

  async #create(admin: TopicAdmin, topic: string): Promise<void> {
    const { topics, requestTimeoutMs } = this.#settings;
    const { partitions, replicationFactor, config } = topics;
    try {
      // Where somebody else was faster, it resolves all the same.
      await admin.createTopics({
        topics: [
          {
            topic,
            ...(partitions === undefined ? {} : { numPartitions: partitions }),
            ...(replicationFactor === undefined ? {} : { replicationFactor }),
            configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
          },
        ],
        timeout: Math.ceil(requestTimeoutMs),
      });
    } catch (error) {
      if (!isCausedBy(error, ({ name }) => knowsNoCreator.has(name))) throw error;
      // Where nobody can be told to create topics, brokers may do so when they are asked about one.
      await admin.fetchTopicMetadata({ topics: [topic] }).catch(() => {
        throw error;
      });
    }
  }
}

/** The brokers do not know how to create topics, or who of them does that. */
const knowsNoCreator: ReadonlySet<string> = new Set(['KafkaJSServerDoesNotSupportApiKey', 'KafkaJSBrokerNotFound']);

/** The client says only that there were errors, and keeps them in a list. */
function saidOfTopic(error: unknown): string {
  if (!(error instanceof Error) || !('errors' in error) || !Array.isArray(error.errors)) return said(error);
  return error.errors.map(said).join(', ');
}
