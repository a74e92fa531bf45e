import { Kafka } from 'kafkajs';
import { isTracewrightError } from 'tracewright';
import type { Delivery, MessageSource, TransportConnection } from 'tracewright/component';
import { kafka, type KafkaTransportOptions } from 'tracewright/kafka';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasty, isMockClusterMissing, MockCluster, subscribingAgain } from './mock-cluster.test-kit.ts';

const isSkipped = isMockClusterMissing();

const { signal } = new AbortController();
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const message = (id: string, more: object = {}): { id: string; body: Uint8Array; headers: Record<string, string> } => ({
  id,
  body: Buffer.from(id),
  headers: {},
  ...more,
});
const idsOf = (deliveries: readonly { readonly id: string }[]): readonly string[] => deliveries.map(({ id }) => id);

/** The next `count` messages of `source`. */
async function received(source: MessageSource, count: number): Promise<readonly Delivery[]> {
  const found: Delivery[] = [];
  while (found.length < count) found.push(...(await source.receive(count - found.length, signal)));
  return found;
}

/** What `source` gives in `ms` milliseconds. */
async function heardIn(source: MessageSource, ms: number): Promise<readonly Delivery[]> {
  const stop = AbortSignal.timeout(ms);
  const found: Delivery[] = [];
  while (!stop.aborted) found.push(...(await source.receive(100, stop)));
  return found;
}

/** Handles the next `count` messages of `source`, some at a time. */
async function handled(source: MessageSource, count: number): Promise<void> {
  for (let rest = count; rest > 0; ) {
    const found = await source.receive(Math.min(rest, 99), signal);
    rest -= found.length;
    await Promise.all(found.map((delivery) => delivery.ack()));
  }
}

async function ack(deliveries: readonly Delivery[]): Promise<void> {
  await Promise.all(deliveries.map((delivery) => delivery.ack()));
}

async function failure(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('it did not fail');
  return error;
}

// Most of their time is waiting for groups.
describe.skipIf(isSkipped).concurrent('a group', () => {
  const cluster = new MockCluster();
  beforeAll(() => cluster.start());
  afterAll(() => cluster.kill());

  const open = (options: Partial<KafkaTransportOptions> = {}): Promise<TransportConnection> =>
    subscribingAgain(kafka({ brokers: cluster.brokers, ...hasty, ...options })).connect({ clientName: 'test', signal });

  const joined = (connection: TransportConnection, topic: string, prefetch = 10): Promise<MessageSource> =>
    connection.subscribe(topic, { group: 'fp/till', prefetch, signal });

  test('begins again with the first message of a partition that was not settled, and with none before it', async () => {
    const connection = await open();
    const source = await joined(connection, 'gaps');
    for (const id of ['a', 'b', 'c', 'd', 'e']) await connection.publish('gaps', message(id, { key: 'one' }), signal);
    const [a, b, c, d, e] = await received(source, 5);
    await ack([e, b, a, d].flatMap((delivery) => delivery ?? []));
    await source.close();
    // Too late: it is for the next member to settle now.
    await c?.ack();
    const again = await received(await joined(connection, 'gaps'), 3);
    expect(idsOf(again)).toEqual(['c', 'd', 'e']);
    await connection.close();
  });

  test('gives a message that is wanted again before those after it', async () => {
    const connection = await open();
    const source = await joined(connection, 'place', 2);
    for (const id of ['a', 'b', 'c', 'd']) await connection.publish('place', message(id, { key: 'one' }), signal);
    const [a, b] = await received(source, 2);
    await b?.retry(60_000);
    await a?.retry(0);
    const again = await received(source, 2);
    expect(idsOf(again)).toEqual(['a', 'b']);
    expect(again[0]?.body).toEqual(a?.body);
    await ack(again);
    expect(idsOf(await received(source, 2))).toEqual(['c', 'd']);
    await connection.close();
  });

  test('keeps a member whose messages take longer than its session, and the messages stay with it', async () => {
    const connection = await open();
    const source = await joined(connection, 'slow', 1);
    for (const id of ['a', 'b', 'c', 'd']) await connection.publish('slow', message(id, { key: 'one' }), signal);
    const [slow] = await received(source, 1);
    await wait(hasty.sessionTimeoutMs * 2);
    await slow?.ack();
    await ack(await received(source, 1));
    await connection.close();
    const next = await open();
    expect(idsOf(await received(await joined(next, 'slow'), 2))).toEqual(['c', 'd']);
    await next.close();
  });

  test('hands partitions over when a member joins: what that one gets is settled by it alone, the rest comes to nobody twice', async () => {
    const [first, second, third] = [await open(), await open(), await open()];
    const staying = await joined(first, 'handed.over', 100);
    const sent = Array.from({ length: 12 }, (_, at) => `m-${at}`);
    for (const id of sent) await first.publish('handed.over', message(id, { key: id }), signal);
    const held = await received(staying, 12);
    const joining = joined(second, 'handed.over', 100);
    // Whoever asks for more learns that the group waits.
    const extra = heardIn(staying, 12_000);
    const newcomer = await joining;
    const moved = await heardIn(newcomer, 3000);
    const lost = new Set(moved.map(({ partition }) => partition));
    expect(lost.size).toBe(2);
    expect(idsOf(moved).toSorted()).toEqual(idsOf(held.filter(({ partition }) => lost.has(partition))).toSorted());
    await ack(held);
    expect(idsOf(await extra)).toEqual([]);
    await Promise.all([first.close(), second.close()]);
    // Who has them has settled none.
    const left = await received(await joined(third, 'handed.over', 100), moved.length);
    expect(idsOf(left).toSorted()).toEqual(idsOf(moved).toSorted());
    await third.close();
  });

  test('gives nothing again that the group has confirmed, also to a member that keeps partitions when another one joins', async () => {
    const [first, second] = [await open(), await open()];
    const staying = await joined(first, 'kept', 4);
    const client = new Kafka({ brokers: [...cluster.brokers], logCreator: () => () => undefined });
    const [producer, admin] = [client.producer(), client.admin()];
    await Promise.all([producer.connect(), admin.connect()]);
    // Few and many, whichever two of the four it keeps.
    for (const [partition, count] of [3, 3, 20, 20].entries())
      await producer.send({ topic: 'kept', messages: Array.from({ length: count }, () => ({ partition, value: 'x' })) });
    const held = [...(await received(staying, 4))];
    const newcomer = await joined(second, 'kept', 4);
    const confirmed = new Set<string>();
    const again: string[] = [];
    for (let delivery = held.shift(); delivery !== undefined; delivery = held.shift()) {
      await delivery.ack();
      const [topic] = await admin.fetchOffsets({ groupId: 'fp/till/kept', topics: ['kept'] });
      for (const { partition, offset } of topic?.partitions ?? [])
        for (let at = 0; at < Number(offset); at += 1) confirmed.add(`kept:${partition}:${at}`);
      await wait(50);
      const next = await staying.receive(1, AbortSignal.timeout(2000));
      again.push(...idsOf(next).filter((id) => confirmed.has(id)));
      held.push(...next);
    }
    expect([confirmed.size, again]).toEqual([23, []]);
    await newcomer.close();
    await Promise.all([first.close(), second.close(), producer.disconnect(), admin.disconnect()]);
  });

  test('of one name, with two destinations in one process, gets all messages of both', async () => {
    const connection = await open();
    const [orders, stock] = await Promise.all([joined(connection, 'both.orders'), joined(connection, 'both.stock')]);
    for (let count = 0; count < 8; count += 1) {
      await connection.publish('both.orders', message(`o-${count}`, { key: `${count}` }), signal);
      await connection.publish('both.stock', message(`s-${count}`, { key: `${count}` }), signal);
    }
    expect(idsOf(await received(orders, 8)).toSorted()).toEqual(Array.from({ length: 8 }, (_, at) => `o-${at}`));
    expect(idsOf(await received(stock, 8)).toSorted()).toEqual(Array.from({ length: 8 }, (_, at) => `s-${at}`));
    await connection.close();
  });

  test('that is not to begin with what is there begins with what comes after it has joined, also when it was away meanwhile', async () => {
    const connection = await open({ fromBeginning: false });
    await connection.publish('from.now', message('before', { key: 'one' }), signal);
    const source = await joined(connection, 'from.now');
    await source.close();
    await connection.publish('from.now', message('after', { key: 'one' }), signal);
    expect(idsOf(await received(await joined(connection, 'from.now'), 1))).toEqual(['after']);
    await connection.close();
  });

  test('that was not to begin with what is there, and was away for longer than messages are kept, goes on with the oldest that is', async () => {
    const connection = await open({ fromBeginning: false });
    const source = await joined(connection, 'expired');
    await connection.publish('expired', message('first', { key: 'one' }), signal);
    await ack(await received(source, 1));
    await source.close();
    // The cluster keeps about 5 MiB of each partition.
    const body = Buffer.alloc(400_000);
    const sent = Array.from({ length: 20 }, (_, at) => `m-${at}`);
    for (const id of sent) await connection.publish('expired', message(id, { key: 'one', body }), signal);
    const kept = idsOf(await heardIn(await joined(connection, 'expired', 100), 5000));
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.length).toBeLessThan(20);
    expect(kept).toEqual(sent.slice(-kept.length));
    await connection.close();
  });

  test('goes on with its other partitions where one waits for a message, behind which ten thousand are done', async () => {
    const connection = await open();
    const source = await joined(connection, 'stuck', 100);
    const client = new Kafka({ brokers: [...cluster.brokers], logCreator: () => () => undefined }).producer();
    await client.connect();
    await client.send({ topic: 'stuck', messages: Array.from({ length: 10_300 }, (_, at) => ({ partition: 1, value: `${at}` })) });
    const [head] = await received(source, 1);
    await handled(source, 9_999);
    await client.send({ topic: 'stuck', messages: [0, 2, 3].map((partition) => ({ partition, value: 'other' })) });
    await client.disconnect();
    const others = await received(source, 3);
    expect(idsOf(others).toSorted()).toEqual(['stuck:0:0', 'stuck:2:0', 'stuck:3:0']);
    await head?.ack();
    expect(idsOf(await received(source, 1))).toEqual(['stuck:1:10000']);
    await connection.close();
  });

  test('that nobody waits for any more is left, and its messages go to others', async () => {
    const connection = await open();
    await connection.publish('aborted', message('a'), signal);
    const stop = new AbortController();
    const joining = connection.subscribe('aborted', { group: 'fp/till', prefetch: 1, signal: stop.signal });
    await wait(500);
    const reason = new Error('enough');
    stop.abort(reason);
    await expect(joining).rejects.toBe(reason);
    expect(idsOf(await received(await joined(connection, 'aborted'), 1))).toEqual(['a']);
    await connection.close();
  });
});

describe.skipIf(isSkipped).concurrent('brokers that go away', () => {
  test('are told of by receive and publish, and nobody is kept from closing', async () => {
    const cluster = new MockCluster();
    try {
      await cluster.start();
      const transport = kafka({ brokers: cluster.brokers, ...hasty, connectTimeoutMs: 1500, requestTimeoutMs: 1500 });
      const connection = await transport.connect({ clientName: 'test', signal });
      const source = await connection.subscribe('orders', { group: 'readers', prefetch: 2, signal });
      await connection.publish('orders', message('a'), signal);
      const [held] = await received(source, 1);
      const waiting = failure(received(source, 1));
      await cluster.kill();
      const lost = failure(connection.publish('orders', message('b'), signal));
      for (const error of [await waiting, await lost]) {
        expect(isTracewrightError(error, 'TW_TRANSPORT')).toBe(true);
        expect(error.message).toContain('"orders"');
      }
      // Its partition is nobody's now.
      await held?.ack();
      await connection.close();
      await expect(source.receive(1, signal)).resolves.toEqual([]);
    } finally {
      await cluster.kill();
    }
  });

  test('and are back have lost nothing, and the source goes on', async () => {
    const cluster = new MockCluster();
    try {
      await cluster.start();
      const transport = kafka({ brokers: cluster.brokers, ...hasty, connectTimeoutMs: 1000, requestTimeoutMs: 500 });
      const connection = await transport.connect({ clientName: 'test', signal });
      const source = await connection.subscribe('orders', { group: 'readers', prefetch: 2, signal });
      for (const id of ['a', 'b', 'c']) await connection.publish('orders', message(id, { key: 'one' }), signal);
      const [a] = await received(source, 1);
      await a?.ack();
      const resume = cluster.freeze();
      expect(isTracewrightError(await failure(received(source, 3)), 'TW_TRANSPORT')).toBe(true);
      resume();
      const seen = new Set<string>();
      while (!seen.has('b') || !seen.has('c')) {
        const found = await source.receive(2, signal).catch(() => []);
        for (const { id } of found) seen.add(id);
        await ack(found);
      }
      expect(seen.has('a')).toBe(false);
      await connection.close();
    } finally {
      await cluster.kill();
    }
  });
});
