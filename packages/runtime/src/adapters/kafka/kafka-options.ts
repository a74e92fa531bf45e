import { requireCount, requireKnownKeys, requirePlainObject, requirePositive, requireText } from '../../kernel/check.ts';
import { badOption, badSecretOption } from '../../kernel/errors.ts';
import { type KafkaCredentials, type KafkaTlsOptions, requireBrokers, requireCredentials, requireTls } from './kafka-access.ts';

export type { KafkaCredentials, KafkaTlsOptions } from './kafka-access.ts';

/** Of topics that the transport creates. One that is there already stays as it is. */
export interface KafkaTopicOptions {
  /** Whether topics that are missing are created. Default true. */
  readonly create?: boolean | undefined;
  /** Default: as the broker is set up (`num.partitions`). No more members of a group get messages than there are partitions. */
  readonly partitions?: number | undefined;
  /** How many brokers keep each message. Default: as the broker is set up (`default.replication.factor`). */
  readonly replicationFactor?: number | undefined;
  /** Settings of the topic, by Kafka's names: `{ 'retention.ms': '86400000' }`. */
  readonly config?: Readonly<Record<string, string>> | undefined;
}

export interface KafkaTransportOptions {
  /** `host:port` of one broker or more, by which the others are found. */
  readonly brokers: string | readonly string[];
  readonly credentials?: KafkaCredentials | undefined;
  /** Given: the connection is encrypted, or not made. Left out: it is not encrypted. */
  readonly tls?: KafkaTlsOptions | undefined;
  readonly topics?: KafkaTopicOptions | undefined;
  /** Whether a group that is new begins with the oldest message that is kept, or with what is published once it has joined. Default true. */
  readonly fromBeginning?: boolean | undefined;
  /** How long a member may be silent before its messages go to others, in milliseconds. Default 30,000. It says that it lives three times as often, whatever its handlers do. */
  readonly sessionTimeoutMs?: number | undefined;
  /** How long the members of a group wait for one another when one comes or goes, in milliseconds. Default 60,000. */
  readonly rebalanceTimeoutMs?: number | undefined;
  /** How long a broker keeps a request for messages while it has none, in milliseconds. Default 500. A subscription takes that long to close, too. */
  readonly maxWaitTimeMs?: number | undefined;
  /** How many bytes are fetched of each partition at once; a message that is larger comes all the same. Default 1 MiB. */
  readonly maxBytesPerPartition?: number | undefined;
  /** How long to wait for a connection, in milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** How long to wait for an answer of a broker, in milliseconds. Default 10,000. The client asks up to six times. */
  readonly requestTimeoutMs?: number | undefined;
  /** Whether one method of kafkajs 2.2.4 is replaced, which sets about a thousand timers a second for each connection; no other release is touched. Default true. */
  readonly mendClient?: boolean | undefined;
}

/** Options with nothing left to decide. */
export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly credentials: KafkaCredentials | undefined;
  readonly tls: KafkaTlsOptions | undefined;
  readonly topics: KafkaTopicSettings;
  readonly fromBeginning: boolean;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly maxWaitTimeMs: number;
  readonly maxBytesPerPartition: number;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly mendClient: boolean;
}

export interface KafkaTopicSettings {
  readonly create: boolean;
  readonly partitions: number | undefined;
  readonly replicationFactor: number | undefined;
  readonly config: Readonly<Record<string, string>>;
}

const timeNames = ['sessionTimeoutMs', 'rebalanceTimeoutMs', 'maxWaitTimeMs', 'connectTimeoutMs', 'requestTimeoutMs'];
const names = ['brokers', 'credentials', 'tls', 'topics', 'fromBeginning', 'maxBytesPerPartition', 'mendClient', ...timeNames];

export function requireSettings(options: KafkaTransportOptions): KafkaSettings {
  if (typeof options !== 'object' || (options as unknown) === null) throw badSecretOption('kafka', 'a plain object', options);
  requireKnownKeys('kafka', requirePlainObject('kafka', options), names);
  const { credentials, tls, topics = {}, fromBeginning = true, maxBytesPerPartition = 1_048_576, mendClient = true } = options;
  return {
    brokers: requireBrokers(options.brokers),
    credentials: credentials === undefined ? undefined : requireCredentials(credentials),
    tls: tls === undefined ? undefined : requireTls(tls),
    topics: requireTopics(topics),
    fromBeginning: requireBoolean('kafka.fromBeginning', fromBeginning),
    maxBytesPerPartition: requireInt32('kafka.maxBytesPerPartition', requireCount('kafka.maxBytesPerPartition', maxBytesPerPartition)),
    mendClient: requireBoolean('kafka.mendClient', mendClient),
    ...requireTimes(options),
  };
}

type Times = 'sessionTimeoutMs' | 'rebalanceTimeoutMs' | 'heartbeatIntervalMs' | 'maxWaitTimeMs' | 'connectTimeoutMs' | 'requestTimeoutMs';

function requireTimes(options: KafkaTransportOptions): Pick<KafkaSettings, Times> {
  const { sessionTimeoutMs = 30_000, rebalanceTimeoutMs = 60_000, maxWaitTimeMs = 500 } = options;
  const { connectTimeoutMs = 10_000, requestTimeoutMs = 10_000 } = options;
  const heartbeatIntervalMs = Math.floor(requireCount('kafka.sessionTimeoutMs', sessionTimeoutMs) / 3);
  // A member says that it lives between two requests for messages.
  if (requireCount('kafka.maxWaitTimeMs', maxWaitTimeMs) > heartbeatIntervalMs)
    throw badOption('kafka.maxWaitTimeMs', `at most a third of sessionTimeoutMs, which is ${heartbeatIntervalMs}`, maxWaitTimeMs);
  const times = {
    sessionTimeoutMs,
    rebalanceTimeoutMs: requireCount('kafka.rebalanceTimeoutMs', rebalanceTimeoutMs),
    heartbeatIntervalMs: Math.min(3000, heartbeatIntervalMs),
    maxWaitTimeMs,
    connectTimeoutMs: requirePositive('kafka.connectTimeoutMs', connectTimeoutMs),
    requestTimeoutMs: requirePositive('kafka.requestTimeoutMs', requestTimeoutMs),
  };
  for (const [name, value] of Object.entries(times)) requireInt32(`kafka.${name}`, value);
  return times;
}

/** Kafka's protocol has no greater numbers, and no timer is longer. */
function requireInt32(option: string, value: number): number {
  if (value > 2_147_483_647) throw badOption(option, 'at most 2147483647', value);
  return value;
}

function requireTopics(given: KafkaTopicOptions): KafkaTopicSettings {
  requireKnownKeys('kafka.topics', requirePlainObject('kafka.topics', given), ['create', 'partitions', 'replicationFactor', 'config']);
  const { create = true, partitions, replicationFactor, config = {} } = given;
  for (const [name, value] of Object.entries(requirePlainObject('kafka.topics.config', config)))
    requireText(`kafka.topics.config.${name}`, value);
  return {
    create: requireBoolean('kafka.topics.create', create),
    partitions: partitions === undefined ? undefined : requireCount('kafka.topics.partitions', partitions),
    replicationFactor: replicationFactor === undefined ? undefined : requireCount('kafka.topics.replicationFactor', replicationFactor),
    config: { ...config },
  };
}

function requireBoolean(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw badOption(option, 'true or false', value);
  return value;
}
