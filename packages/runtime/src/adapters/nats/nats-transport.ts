import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { requireText } from '../../kernel/check.ts';
import { isTracewrightError } from '../../kernel/errors.ts';
import type { ConnectOptions, Transport, TransportCapabilities, TransportConnection } from '../../component/transport.ts';
import { abortable } from '../../kernel/abortable.ts';
import { answered } from './answered.ts';
import { dial, requireReadable } from './dial.ts';
import { NatsTransportConnection } from './nats-connection.ts';
import { natsError, natsSystem, said } from './nats-error.ts';
import { NatsLink } from './nats-link.ts';
import { type NatsSettings, type NatsTransportOptions, requireSettings } from './nats-options.ts';
import { NatsStreams } from './nats-streams.ts';

const capabilities: TransportCapabilities = Object.freeze({
  durable: true,
  redelivery: true,
  delayedRetry: true,
  countsDeliveries: true,
  keyOrder: false,
  extend: true,
});

/**
 * Messages over NATS JetStream: a message is published when a stream has it, and comes again until it is acknowledged.
 *
 * A destination is a subject. Its stream is the one that holds the subject; where there is none, one is made for it alone. A group is a durable pull consumer
 * that begins with the oldest message that is kept. Streams keep messages by age, handled or not: what is older than `stream.maxAgeMs` goes. A message that is
 * published twice with one id within `stream.duplicateWindowMs` arrives once.
 *
 * Acknowledgements are confirmed by the server. One that comes after `ackWaitMs` still counts, though the message may be elsewhere by then.
 *
 * Each connection of the transport is a TCP connection; the client restores it by itself. What was asked of the server when the connection was lost, or is asked
 * meanwhile, is asked again when it is back: publications with their id, and only while their stream would know them again. `requestTimeoutMs` counts the
 * time connected, and once more the time without a connection.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong option; credentials are never shown. `connect`: `TW_TRANSPORT` with `data: { system, servers }`.
 *   `publish`: `TW_TRANSPORT` for what is larger than the server takes
 * @example
 * const transport = nats({ servers: 'nats://nats.shop.internal:4222', credentials: { user: 'shop', password } });
 * const deployment = await deploy(footprint, { runtime, components: [till], transport });
 */
export function nats(options: NatsTransportOptions = {}): Transport {
  const settings = requireSettings(options);
  if (settings.credentials !== undefined) requireReadable(settings.credentials);
  return {
    system: natsSystem,
    capabilities,
    settleWithinMs: settings.ackWaitMs,
    connect: async ({ clientName, signal }: ConnectOptions) => {
      signal.throwIfAborted();
      return open(settings, requireText('clientName', clientName), signal);
    },
  };
}

async function open(settings: NatsSettings, clientName: string, signal: AbortSignal): Promise<TransportConnection> {
  const { servers, requestTimeoutMs: timeout, ackWaitMs } = settings;
  const dialling = dial(settings, clientName);
  const client = await abortable(dialling, signal).catch((error: unknown) => {
    // Nobody waits for it any more, and nobody else would close it.
    void dialling.then(
      (late) => late.close(),
      () => undefined,
    );
    throw error;
  });
  try {
    const link = new NatsLink(client, settings);
    const looking = answered(link, () => jetstreamManager(client, { timeout }), signal);
    const manager = await abortable(withJetStream(servers, looking), signal);
    const streams = new NatsStreams(manager, link, settings);
    return new NatsTransportConnection({ clientName, link, jetstream: jetstream(client, { timeout }), streams, ackWaitMs });
  } catch (error) {
    await client.close();
    throw error;
  }
}

function withJetStream<T>(servers: readonly string[], work: Promise<T>): Promise<T> {
  return work.catch((cause: unknown) => {
    // Of the connection itself.
    if (isTracewrightError(cause)) throw cause;
    const text = `NATS at ${servers.join(', ')} has no JetStream for this account (${said(cause)}): start the server with -js, or ask for it`;
    throw natsError(text, { data: { servers }, cause });
  });
}
