import { randomUUID } from 'node:crypto';
import { memoryTransport, type MemoryTransportOptions } from '../component/memory/memory-transport.ts';
import type { ConnectOptions, OutgoingMessage, Transport } from '../component/transport.ts';
import { requireKnownKeys, requirePlainObject } from '../kernel/check.ts';
import { badOption } from '../kernel/errors.ts';
import { type BrokerLog, requireReachable, type SentMessage, type SettledMessage, WatchedConnection } from './watched-connection.ts';

/** A broker in memory that a test can look into, speak to, and take away. */
export interface TestTransport extends Transport {
  /** Publishes as a program that knows nothing of components would: `payload` as JSON, bytes and texts as they are. Returns the id. */
  send(destination: string, payload: unknown, options?: SendOptions): Promise<string>;
  /** What was published to `destination`, or to all, in its order; also by `send`. */
  sent(destination?: string): readonly SentMessage[];
  /** What became of the deliveries of `destination`, or of all, in the order in which it was told. */
  settled(destination?: string): readonly SettledMessage[];
  /** The broker cannot be reached from now on: publications, subscriptions and receiving fail with `TW_TRANSPORT`. Returns what ends that. */
  interrupt(): () => void;
}

export type SendOptions = Partial<Pick<OutgoingMessage, 'key' | 'headers' | 'id'>>;

const encoder = new TextEncoder();

/**
 * A transport for tests of components: `memoryTransport`, of which nothing is hidden.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` as `memoryTransport`
 * @example
 * const broker = testTransport({ clock });
 * const deployment = await deploy(footprint, { runtime, components: [till], transport: broker });
 * await broker.send('orders', { id: 'A-1' });
 * await clock.advance(10);
 * expect(broker.sent('receipts').map(({ payload }) => payload)).toEqual([{ order: 'A-1' }]);
 */
export function testTransport(options: MemoryTransportOptions = {}): TestTransport {
  const broker = memoryTransport(options);
  const log: BrokerLog = { sent: [], settled: [], interruptions: new Set() };
  const { signal } = new AbortController();
  return {
    ...broker,
    connect: async (given: ConnectOptions) => {
      requireReachable(log);
      return new WatchedConnection(await broker.connect(given), log);
    },
    async send(destination, payload, given = {}) {
      requireKnownKeys('send', requirePlainObject('send', given), ['key', 'headers', 'id']);
      const { id = randomUUID(), key, headers = {} } = given;
      const connection = new WatchedConnection(await broker.connect({ clientName: 'test', signal }), log);
      try {
        await connection.publish(destination, { id, key, headers, body: bytesOf(payload) }, signal);
      } finally {
        await connection.close();
      }
      return id;
    },
    sent: (destination) => log.sent.filter((message) => destination === undefined || message.destination === destination),
    settled: (destination) => log.settled.filter((message) => destination === undefined || message.destination === destination),
    interrupt() {
      const own = Symbol('interruption');
      log.interruptions.add(own);
      return () => void log.interruptions.delete(own);
    },
  };
}

function bytesOf(payload: unknown): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  if (typeof payload === 'string') return encoder.encode(payload);
  const text: string | undefined = JSON.stringify(payload); // Its type leaves `undefined` out.
  if (text === undefined) throw badOption('send.payload', 'what JSON has a form for, a text, or bytes', payload);
  return encoder.encode(text);
}
