import {
  AckPolicy,
  DeliverPolicy,
  type Consumer,
  jetstream,
  type JetStreamClient,
  jetstreamManager,
  type JetStreamManager,
  StorageType,
} from '@nats-io/jetstream';
import { headers, nanos, type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { traceparent } from './traceparent.ts';

/** The subject whose messages are received, again and again, and the one that they are sent to. */
export const received = 'bench.received';
export const sent = 'bench.sent';

const publishedAtOnce = 1000;
const keptOfSent = 10_000;
const ackWaitMs = 30_000;
const maxAckPending = 10_000;
const encoder = new TextEncoder();

/** The client as its users have it, and the streams that all variants share, in the server's memory. */
export interface NatsBench {
  readonly client: NatsConnection;
  readonly jetstream: JetStreamClient;
  /** A consumer of all messages of `received`, of the kind that the transport makes. Lasts for as long as the server. */
  readonly consumer: () => Promise<Consumer>;
}

/** Connects, and fills `received` with `total` messages. */
export async function openNatsBench(url: string, total: number): Promise<NatsBench> {
  // Stacks of requests cost more than the requests; the transport does without them, too.
  const client = await connect({ servers: url, name: 'bench', noAsyncTraces: true });
  const manager = await jetstreamManager(client);
  await manager.streams.add({ name: 'received', subjects: [received], storage: StorageType.Memory });
  await manager.streams.add({ name: 'sent', subjects: [sent], storage: StorageType.Memory, max_msgs: keptOfSent });
  const streams = jetstream(client);
  await fill(streams, total);
  return { client, jetstream: streams, consumer: () => addConsumer(manager, streams) };
}

async function fill(client: JetStreamClient, total: number): Promise<void> {
  for (let from = 0; from < total; from += publishedAtOnce) {
    const length = Math.min(publishedAtOnce, total - from);
    await Promise.all(Array.from({ length }, (_, index) => publishNumbered(client, from + index)));
  }
}

async function publishNumbered(client: JetStreamClient, n: number): Promise<void> {
  const given = headers();
  given.set('tracewright-id', randomUUID());
  given.set('content-type', 'application/json');
  given.set('traceparent', traceparent(n));
  await client.publish(received, encoder.encode(JSON.stringify({ n })), { headers: given });
}

async function addConsumer(manager: JetStreamManager, client: JetStreamClient): Promise<Consumer> {
  const { name } = await manager.consumers.add('received', {
    durable_name: randomUUID(),
    filter_subject: received,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(ackWaitMs),
    max_ack_pending: maxAckPending,
  });
  return await client.consumers.get('received', name);
}
