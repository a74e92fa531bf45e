import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { isTracewrightError } from 'tracewright';
import { kafka, type KafkaTransportOptions } from 'tracewright/kafka';
import { describe, expect, test } from 'vitest';
import { hasty, isMockClusterMissing, MockCluster } from './mock-cluster.test-kit.ts';

const { signal } = new AbortController();
const message = { id: 'a', body: new Uint8Array(), headers: {} };
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Every socket of this process that was ever opened, by the port that it goes to. */
const opened: Socket[] = [];
subscribe('net.client.socket', (event) => void opened.push((event as { readonly socket: Socket }).socket)); // As Node documents it.

const openTo = (brokers: readonly string[]): readonly Socket[] =>
  opened.filter(({ destroyed, remotePort }) => !destroyed && brokers.some((broker) => broker.endsWith(`:${remotePort}`)));

async function withCluster(run: (cluster: MockCluster, transport: ReturnType<typeof kafka>) => Promise<void>): Promise<void> {
  const cluster = new MockCluster();
  try {
    await cluster.start();
    const options: KafkaTransportOptions = { brokers: cluster.brokers, ...hasty, connectTimeoutMs: 1500, requestTimeoutMs: 500 };
    await run(cluster, kafka(options));
  } finally {
    await cluster.kill();
  }
}

/** Resolves when one of a few tries has succeeded. */
async function published(publish: () => Promise<void>): Promise<void> {
  for (let tries = 1; tries < 5; tries += 1) {
    const isDone = await publish().then(
      () => true,
      () => false,
    );
    if (isDone) return;
  }
  await publish();
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  if (!isTracewrightError(error, 'TW_TRANSPORT')) throw new Error('it did not fail with TW_TRANSPORT', { cause: error });
  return error.message;
}

// Most of their time is waiting for brokers.
describe.skipIf(isMockClusterMissing()).concurrent('brokers that accept connections and say nothing', () => {
  test('cannot be connected to, and can when they answer', () =>
    withCluster(async (cluster, transport) => {
      const resume = cluster.freeze();
      expect(await refusal(transport.connect({ clientName: 'test', signal }))).toContain('cannot be reached (Error: no answer in 1500 ms)');
      resume();
      const connection = await transport.connect({ clientName: 'test', signal });
      await connection.publish('orders', message, signal);
      await connection.close();
    }));

  test('lose no connection for good: what is published when they answer again reaches them', () =>
    withCluster(async (cluster, transport) => {
      const connection = await transport.connect({ clientName: 'test', signal });
      await (await connection.subscribe('orders', { group: 'g', prefetch: 1, signal })).close();
      const resume = cluster.freeze();
      // It may be lost, or just in time.
      const first = connection.publish('orders', message, signal).catch(() => undefined);
      await wait(1500);
      resume();
      await first;
      for (const destination of ['orders', 'invoices']) await published(() => connection.publish(destination, message, signal));
      await connection.close();
    }));

  test('keep no socket open once the connection is closed, whether one publishes, joins or has joined', () =>
    withCluster(async (cluster, transport) => {
      const connection = await transport.connect({ clientName: 'test', signal });
      await connection.subscribe('orders', { group: 'g', prefetch: 1, signal });
      const joining = connection.subscribe('orders', { group: 'others', prefetch: 1, signal }).catch(() => undefined);
      await wait(700);
      const resume = cluster.freeze();
      const publishing = connection.publish('orders', message, signal).catch(() => undefined);
      expect(openTo(cluster.brokers)).not.toEqual([]);
      await connection.close();
      expect(openTo(cluster.brokers)).toEqual([]);
      await Promise.all([joining, publishing]);
      resume();
      await wait(1000);
      expect(openTo(cluster.brokers)).toEqual([]);
    }));
});
