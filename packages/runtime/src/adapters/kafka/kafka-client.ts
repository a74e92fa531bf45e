import { readFile } from 'node:fs/promises';
import { Kafka, type KafkaConfig } from 'kafkajs';
import type { ClientSockets } from './client-sockets.ts';
import type { KafkaCredentials, KafkaTlsOptions } from './kafka-access.ts';
import type { KafkaSettings } from './kafka-options.ts';
import { mendRequestQueue } from './mend-request-queue.ts';

/** Between the tries of the client's own: 0.3 s, doubled each time. Milliseconds. */
const waits = { initialRetryTime: 300, multiplier: 2, factor: 0.2, maxRetryTime: 30_000 };

/** Who cannot be reached is asked three times, for about a second where the connection is refused. */
const retriesToConnect = 2;

/** A leader that goes away has a successor within seconds: the client asks for about ten. */
const retries = 5;

export interface KafkaClients {
  /** Gives up soon. */
  readonly impatient: Kafka;
  readonly patient: Kafka;
}

/** The longest time that a timer can take. */
const longestMs = 2_147_483_647;

/** @throws whatever `fs` does where a file of `tls` cannot be read */
export async function createClients(settings: KafkaSettings, clientId: string, sockets: ClientSockets): Promise<KafkaClients> {
  if (settings.mendClient) mendRequestQueue();
  const { credentials, tls, connectTimeoutMs, requestTimeoutMs } = settings;
  // One try of those that fit into the whole time.
  const connectionTimeout = Math.ceil(connectTimeoutMs / (retriesToConnect + 1));
  const config: KafkaConfig = {
    brokers: sockets.brokers,
    socketFactory: sockets.factory,
    clientId,
    connectionTimeout,
    // The client adds both up.
    authenticationTimeout: Math.min(connectTimeoutMs, longestMs - 2 * connectionTimeout),
    requestTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    // What matters of it comes as an error; the rest would be noise on a host's console.
    logCreator: () => () => undefined,
    ...(tls === undefined ? {} : { ssl: await tlsOf(tls) }),
    ...(credentials === undefined ? {} : { sasl: saslOf(credentials) }),
  };
  return {
    impatient: new Kafka({ ...config, retry: { ...waits, retries: retriesToConnect } }),
    patient: new Kafka({ ...config, retry: { ...waits, retries } }),
  };
}

/** The waits of a consumer's own. It is not started again behind our back: that is done when somebody asks for messages. */
export const consumerRetry = { ...waits, retries, restartOnFailure: async (): Promise<boolean> => false };

function saslOf(credentials: KafkaCredentials): NonNullable<KafkaConfig['sasl']> {
  if (credentials.mechanism === 'oauthbearer') return credentials;
  const { mechanism, username, password } = credentials;
  return { mechanism, username, password } as NonNullable<KafkaConfig['sasl']>; // A union for each mechanism, where ours has one for three.
}

async function tlsOf({ serverName, ...tls }: KafkaTlsOptions): Promise<NonNullable<KafkaConfig['ssl']>> {
  const ssl: Record<string, string> = serverName === undefined ? {} : { servername: serverName };
  for (const name of ['ca', 'cert', 'key'] as const) {
    const path = tls[`${name}File`];
    const value = path === undefined ? tls[name] : await readFile(path, 'utf8');
    if (value !== undefined) ssl[name] = value;
  }
  return ssl;
}
