import { type ConsumerInfo, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { TracewrightError } from 'tracewright';
import { deadLetterDestination, destination } from './chaos-footprint.ts';

/** What the broker has left at the end, asked by its own client. */
export interface BrokerRest {
  /** Messages that were not delivered, or not acknowledged. */
  readonly unsettled: number;
  /** When the consumer that all processes share was made, in milliseconds since the Unix epoch: one that is made anew begins with the first message again. */
  readonly consumerMadeAt: number;
  readonly deadLetters: readonly DeadLetter[];
}

export interface DeadLetter {
  readonly id: string;
  readonly reason: string;
}

const pollMs = 250;
const apiTimeoutMs = 5000;

/** Waits until the broker has nothing left to deliver or to hear about, at most `patienceMs`, and looks into the dead letter. */
export async function readBroker(url: string, patienceMs: number): Promise<BrokerRest> {
  const client = await connect({ servers: url, name: 'chaos supervisor' });
  try {
    const manager = await jetstreamManager(client, { timeout: apiTimeoutMs });
    let consumer = await readConsumer(manager);
    for (let waitedMs = 0; unsettledOf(consumer) > 0 && waitedMs < patienceMs; waitedMs += pollMs) {
      await new Promise((resolve) => setTimeout(resolve, pollMs));
      consumer = await readConsumer(manager);
    }
    return { unsettled: unsettledOf(consumer), consumerMadeAt: Date.parse(consumer.created), deadLetters: await readDeadLetters(manager) };
  } finally {
    await client.close();
  }
}

async function readConsumer(manager: JetStreamManager): Promise<ConsumerInfo> {
  const stream = await manager.streams.find(destination);
  const [consumer, ...others] = await manager.consumers.list(stream).next();
  if (consumer === undefined || others.length > 0)
    throw new TracewrightError(
      'TW_BAD_OPTION',
      `the stream ${stream} has ${others.length + (consumer === undefined ? 0 : 1)} consumers, not one`,
    );
  return consumer;
}

function unsettledOf({ num_pending: pending, num_ack_pending: unacknowledged }: ConsumerInfo): number {
  return pending + unacknowledged;
}

/** There is no stream for them where there has been none. */
async function readDeadLetters(manager: JetStreamManager): Promise<readonly DeadLetter[]> {
  const stream = (await manager.streams.names(deadLetterDestination).next())[0];
  if (stream === undefined) return [];
  const found: DeadLetter[] = [];
  const { state } = await manager.streams.info(stream);
  for (let sequence = state.first_seq; sequence <= state.last_seq; sequence += 1) {
    const stored = await manager.streams.getMessage(stream, { seq: sequence });
    const header = (name: string): string => stored?.header.get(name) ?? '';
    found.push({
      id: header('tracewright-id'),
      reason: `${header('tracewright-dead-letter-reason')}: ${header('tracewright-dead-letter-message')}`,
    });
  }
  return found;
}
