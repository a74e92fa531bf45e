import type { Admin } from 'kafkajs';
import { requireText } from '../../kernel/check.ts';
import type { ConnectOptions, Transport, TransportCapabilities, TransportConnection } from '../../component/transport.ts';
import { abortable } from '../../kernel/abortable.ts';
import { within } from './within.ts';
import { ClientSockets } from './client-sockets.ts';
import { createClients } from './kafka-client.ts';
import { KafkaTransportConnection } from './kafka-connection.ts';
import { isCausedBy, isUnready, kafkaError, kafkaSystem, said } from './kafka-error.ts';
import { type KafkaSettings, type KafkaTransportOptions, requireSettings } from './kafka-options.ts';
import { RenewedClient } from './renewed-client.ts';

const capabilities: TransportCapabilities = Object.freeze({
  durable: true,
  redelivery: true,
  delayedRetry: false,
  countsDeliveries: false,
  keyOrder: true,
  extend: false,
});

/**
 * Messages over Kafka: a message is published when all replicas in sync have it, and comes again until it is acknowledged and all before it in its partition are.
 *
 * A destination is a topic, created where it is missing. A key decides the partition, as Kafka's own clients do it (murmur2). A group is `<group>/<destination>` in
 * Kafka; it begins with the oldest message that is kept. Acknowledgements are committed at once, up to the first message of a partition that is not settled. A
 * message stays with its member for as long as that lives: there is no deadline for handlers. When members come or go, what is not committed comes again,
 * perhaps elsewhere; what is settled by who had it before then counts for nothing.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong option; credentials are never shown. `connect`: `TW_TRANSPORT` with `data: { system, brokers }`.
 *   `publish`: `TW_TRANSPORT` for what is larger than the broker takes
 * @example
 * const transport = kafka({ brokers: 'kafka.shop.internal:9092', credentials: { mechanism: 'scram-sha-512', username: 'shop', password }, tls: {} });
 * const deployment = await deploy(footprint, { runtime, components: [till], transport });
 */
export function kafka(options: KafkaTransportOptions): Transport {
  const settings = requireSettings(options);
  return {
    system: kafkaSystem,
    capabilities,
    connect: async ({ clientName, signal }: ConnectOptions) => {
      signal.throwIfAborted();
      return open(settings, requireText('clientName', clientName), signal);
    },
  };
}

async function open(settings: KafkaSettings, clientName: string, signal: AbortSignal): Promise<TransportConnection> {
  const { brokers, connectTimeoutMs } = settings;
  const sockets = new ClientSockets(brokers);
  const { impatient, patient } = await createClients(settings, clientName, sockets).catch((cause: unknown) => {
    throw kafkaError(`a file of kafka.tls cannot be read: ${said(cause)}`, { data: { brokers }, cause });
  });
  const admin = new RenewedClient(() => impatient.admin());
  const late = (): never => {
    throw new Error(`no answer in ${connectTimeoutMs} ms`);
  };
  try {
    await abortable(within(reach(admin), connectTimeoutMs, late), signal);
  } catch (error) {
    // Nobody waits for it any more, and nobody else would close it.
    sockets.close();
    signal.throwIfAborted();
    throw notConnected(brokers, error);
  }
  return new KafkaTransportConnection({ clientName, settings, kafka: patient, admin, sockets });
}

/** Resolves when a broker has answered a question. */
async function reach(admin: RenewedClient<Admin>): Promise<void> {
  for (;;) {
    try {
      await admin.use((client) => client.describeCluster());
      return;
    } catch (error) {
      // The broker has accepted the connection, and may still answer in time. Each try takes as long as the client waits for that.
      if (!isUnready(error)) throw error;
    }
  }
}

function notConnected(brokers: readonly string[], cause: unknown): Error {
  const where = brokers.join(', ');
  const isRefusal = isCausedBy(cause, ({ name }) => name === 'KafkaJSSASLAuthenticationError');
  const text = isRefusal
    ? `Kafka at ${where} refused the credentials (${said(cause)}): check kafka.credentials, and which mechanisms the brokers know`
    : `Kafka at ${where} cannot be reached (${said(cause)}): check the addresses, that the brokers run there, and whether they want TLS or credentials`;
  return kafkaError(text, { data: { brokers }, cause });
}
