import { execFile } from 'node:child_process';
import { inspect, promisify } from 'node:util';
import { Kafka } from 'kafkajs';
import { isTracewrightError } from 'tracewright';
import { bytes, defineComponent, deploy, type Delivery, type MessageSource, type TransportConnection } from 'tracewright/component';
import { kafka, type KafkaTransportOptions } from 'tracewright/kafka';
import { recordTraces } from 'tracewright/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { hasty, isMockClusterMissing, MockCluster } from './mock-cluster.test-kit.ts';

const isSkipped = isMockClusterMissing();

const { signal } = new AbortController();
const message = (id: string, more: object = {}): { id: string; body: Uint8Array; headers: Record<string, string> } => ({
  id,
  body: Buffer.from(id),
  headers: {},
  ...more,
});

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

async function failure(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('it did not fail');
  return error;
}

describe.skipIf(isSkipped)('the Kafka transport', () => {
  const cluster = new MockCluster();
  beforeAll(() => cluster.start());
  afterAll(() => cluster.kill());

  const transportOf = (options: Partial<KafkaTransportOptions> = {}): ReturnType<typeof kafka> =>
    kafka({ brokers: cluster.brokers, ...hasty, ...options });

  const open = (options: Partial<KafkaTransportOptions> = {}): Promise<TransportConnection> =>
    transportOf(options).connect({ clientName: 'test', signal });

  const joined = (connection: TransportConnection, topic: string, prefetch = 10): Promise<MessageSource> =>
    connection.subscribe(topic, { group: 'fp/till', prefetch, signal });

  test.concurrent('what another program has published arrives with the parts that it has', async () => {
    const connection = await open();
    const source = await joined(connection, 'foreign');
    const other = new Kafka({ brokers: [...cluster.brokers], logCreator: () => () => undefined });
    const producer = other.producer();
    await producer.connect();
    const headers = { twice: ['a', Buffer.from('ü')], discount: '100%' };
    const messages = [
      { partition: 1, key: 'k', value: 'one', headers, timestamp: '1700000000000' },
      { partition: 1, value: null },
    ];
    await producer.send({ topic: 'foreign', messages });
    await producer.disconnect();
    const [one, tombstone] = await received(source, 2);
    expect(one).toMatchObject({ id: 'foreign:1:0', key: 'k', partition: '1', attempt: 1, publishedAt: 1_700_000_000_000 });
    expect(one?.headers).toEqual({ twice: 'a, ü', discount: '100%' });
    expect(tombstone).toMatchObject({ id: 'foreign:1:1', key: undefined, headers: {}, body: new Uint8Array() });
    await connection.close();
  });

  test.concurrent('a topic that is missing and not to be created is named', async () => {
    const connection = await open({ topics: { create: false } });
    for (const work of [joined(connection, 'nobody.made.it'), connection.publish('nobody.made.it', message('a'), signal)]) {
      const error = await failure(work);
      expect(isTracewrightError(error, 'TW_TRANSPORT')).toBe(true);
      expect(error.message).toContain('there is no topic "nobody.made.it", and topics.create is false');
    }
    await connection.close();
  });

  test.concurrent('credentials are in no error of brokers that do not know them', async () => {
    const password = 'hunter2-is-secret';
    for (const mechanism of ['plain', 'scram-sha-512'] as const) {
      const error = await failure(open({ credentials: { mechanism, username: 'shop', password }, connectTimeoutMs: 2000 }));
      expect(isTracewrightError(error, 'TW_TRANSPORT')).toBe(true);
      expect(error.message).toContain(cluster.brokers.join(', '));
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(password);
    }
  });

  test.concurrent('a connection that is to be encrypted is not made to brokers without TLS', async () => {
    const error = await failure(open({ tls: {}, connectTimeoutMs: 3000 }));
    expect(isTracewrightError(error, 'TW_TRANSPORT')).toBe(true);
  });

  test.concurrent('a process that has closed its connection ends, and has written nothing', async () => {
    const script = `
      import { kafka } from 'tracewright/kafka';
      const signal = new AbortController().signal;
      const connection = await kafka({ brokers: ${JSON.stringify(cluster.brokers)} }).connect({ clientName: 'script', signal });
      const source = await connection.subscribe('script', { group: 'g', prefetch: 5, signal });
      await connection.publish('script', { id: 'm-1', body: new Uint8Array(), headers: {} }, signal);
      const received = await source.receive(5, signal);
      await connection.close();
      console.log(received.length);`;
    const conditions = ['--conditions=@tracewright/source', '--import', 'tsx', '--input-type=module'];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...conditions, '-e', script], { cwd: import.meta.dirname });
    expect({ stdout, stderr }).toEqual({ stdout: '1\n', stderr: '' });
  });

  describe('a deployment', () => {
    const order = z.object({ id: z.string() });
    const footprint = (bindings: Readonly<Record<string, string>>): Parameters<typeof deploy>[0] => ({
      identifier: 'fp',
      revision: 1,
      name: 'mall',
      allocations: [{ component: 'till', bindings }],
    });

    test('that is started again handles nothing twice, and what came while it was away', async () => {
      using traces = recordTraces();
      const handled: string[] = [];
      const sender = await open();
      /** Runs until `count` messages were handled. */
      const serve = async (count: number): Promise<void> => {
        let enough: () => void = () => undefined;
        const done = new Promise<void>((resolve) => (enough = resolve));
        const till = defineComponent({
          name: 'till',
          interests: { orders: order },
          bootstrap(_l, link) {
            link.subscribe('orders', ({ payload }) => void (handled.push(payload.id) === count && enough()), { concurrency: 4 });
          },
        });
        const given = footprint({ orders: 'till.again' });
        const deployment = await deploy(given, { runtime: traces.runtime(), components: [till], transport: transportOf() });
        await deployment.ready;
        await done;
        await deployment.stop();
        await expect(deployment.done).resolves.toMatchObject({ status: 'stopped', failures: [] });
      };
      const publish = (id: string): Promise<void> =>
        sender.publish('till.again', { id, key: id, body: Buffer.from(JSON.stringify({ id })), headers: {} }, signal);
      for (const id of ['A-1', 'A-2', 'A-3', 'A-4']) await publish(id);
      await serve(4);
      for (const id of ['B-1', 'B-2', 'B-3', 'B-4']) await publish(id);
      await serve(8);
      expect(handled.slice(0, 4).toSorted()).toEqual(['A-1', 'A-2', 'A-3', 'A-4']);
      expect(handled.slice(4).toSorted()).toEqual(['B-1', 'B-2', 'B-3', 'B-4']);
      await sender.close();
    });

    test('tries again, buries what cannot be handled or read, and links each try to its sender', async () => {
      using traces = recordTraces();
      let failures = 0;
      const buried: (string | undefined)[] = [];
      let isBuried: () => void = () => undefined;
      const burial = (): Promise<void> => new Promise((resolve) => (isBuried = resolve));
      const till = defineComponent({
        name: 'till',
        aspects: { orders: order },
        interests: { orders: order, 'orders.dead': { schema: z.instanceof(Uint8Array), codec: bytes } },
        bootstrap(l, link) {
          const retry = { delayMs: 20, maxDelayMs: 20, maxAttempts: 2 };
          const refuse = (): never => {
            failures += 1;
            throw new Error('no stock');
          };
          link.subscribe('orders', refuse, { retry });
          link.subscribe('orders.dead', ({ headers }) => {
            buried.push(headers['tracewright-dead-letter-reason']);
            isBuried();
          });
          l.fork('sell', (own) => own.run('sell', () => link.publish('orders', { id: 'A-1' }, { key: 'one' })));
        },
      });
      const sender = await open();
      const given = footprint({ orders: 'till.orders', 'orders.dead': 'till.orders.dead' });
      const first = burial();
      const deployment = await deploy(given, { runtime: traces.runtime(), components: [till], transport: transportOf() });
      await deployment.ready;
      await first;
      const second = burial();
      await sender.publish('till.orders', { id: 'poison', key: 'one', body: Buffer.from('{'), headers: {} }, signal);
      await second;
      await deployment.stop();
      await expect(deployment.done).resolves.toMatchObject({ status: 'stopped', failures: [] });
      expect(failures).toBe(2);
      expect(buried).toEqual(['Error', 'TW_BAD_PAYLOAD']);
      // Nothing is left for who comes next.
      const next = await sender.subscribe('till.orders', { group: 'fp/till', prefetch: 5, signal });
      expect(await heardIn(next, 500)).toEqual([]);
      await sender.close();
      const attributes = ['messaging.system', 'tracewright.attempt', 'tracewright.settled'];
      expect(traces.render({ attributes })).toMatchInlineSnapshot(`
        "footprint.apply  service service

        till.bootstrap  service service

        sell  service service
        │  → link to till.bootstrap (cause)
        └─ send till.orders  PRODUCER
              messaging.system = "kafka"

        process till.orders  CONSUMER  ERROR Error  outcome error  service service
           messaging.system = "kafka"
           tracewright.attempt = 1
           tracewright.settled = "retry"
           → link to send till.orders (producer)
           ✗ Error: no stock

        process till.orders  CONSUMER  ERROR Error  outcome error  service service
        │  messaging.system = "kafka"
        │  tracewright.attempt = 2
        │  tracewright.settled = "dead_letter"
        │  → link to send till.orders (producer)
        │  ✗ Error: no stock
        └─ send till.orders.dead  PRODUCER
              messaging.system = "kafka"

        process till.orders.dead  CONSUMER  service service
           messaging.system = "kafka"
           tracewright.attempt = 1
           tracewright.settled = "ack"
           → link to send till.orders.dead (producer)

        process till.orders  CONSUMER  ERROR TW_BAD_PAYLOAD  outcome error  service service
        │  messaging.system = "kafka"
        │  tracewright.attempt = 1
        │  tracewright.settled = "dead_letter"
        │  ✗ TW_BAD_PAYLOAD
        └─ send till.orders.dead  PRODUCER
              messaging.system = "kafka"

        process till.orders.dead  CONSUMER  service service
           messaging.system = "kafka"
           tracewright.attempt = 1
           tracewright.settled = "ack"
           → link to send till.orders.dead (producer)"
      `);
    });

    test('that dies with a message in work has it handled by the next one', async () => {
      using traces = recordTraces();
      const sender = await open();
      const dying = await sender.subscribe('till.dies', { group: 'fp/till', prefetch: 5, signal });
      await sender.publish('till.dies', { id: 'A-1', body: Buffer.from('{"id":"A-1"}'), headers: {} }, signal);
      await received(dying, 1);
      await dying.close();
      let found: (id: string) => void = () => undefined;
      const isHandled = new Promise<string>((resolve) => (found = resolve));
      const till = defineComponent({
        name: 'till',
        interests: { orders: order },
        bootstrap(_l, link) {
          link.subscribe('orders', ({ payload }) => found(payload.id));
        },
      });
      const given = footprint({ orders: 'till.dies' });
      const deployment = await deploy(given, { runtime: traces.runtime(), components: [till], transport: transportOf() });
      await expect(isHandled).resolves.toBe('A-1');
      await deployment.stop();
      await sender.close();
    });
  });
});
