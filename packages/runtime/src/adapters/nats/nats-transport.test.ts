import { jetstreamManager, StorageType } from '@nats-io/jetstream';
import { headers as natsHeaders, type NatsConnection } from '@nats-io/nats-core';
import { connect as connectClient } from '@nats-io/transport-node';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isTracewrightError } from 'tracewright';
import { defineComponent, deploy, type Delivery, type MessageSource, type TransportConnection } from 'tracewright/component';
import { nats, type NatsTransportOptions } from 'tracewright/nats';
import { recordTraces, transportContract, type TransportUnderTest } from 'tracewright/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { disposeServers, isServerMissing, NatsServer, withServer } from './nats-server.test-kit.ts';

afterAll(disposeServers);

const { signal } = new AbortController();
/** Milliseconds; JetStream looks after deadlines about once a second. */
const ackWaitMs = 2000;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const message = (id: string, more: object = {}): { id: string; body: Uint8Array; headers: Record<string, string> } => ({
  id,
  body: utf8(id),
  headers: {},
  ...more,
});
const idsOf = (deliveries: readonly Delivery[]): readonly string[] => deliveries.map(({ id }) => id).toSorted();

/** Receives and acknowledges until `count` messages have come; failures of the connection are borne for as long as they last. */
async function acknowledged(source: MessageSource, count: number): Promise<readonly Delivery[]> {
  const found: Delivery[] = [];
  while (found.length < count) {
    for (const delivery of await source.receive(count, signal).catch(() => [])) {
      await delivery.ack();
      found.push(delivery);
    }
  }
  return found;
}

async function receiveForEver(source: MessageSource): Promise<never> {
  for (;;) await source.receive(1, signal);
}

async function failure(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('it did not fail');
  return error;
}

describe.skipIf(isServerMissing)('the NATS transport', () => {
  const server = new NatsServer();
  beforeAll(() => server.start());

  const open = (options: NatsTransportOptions = {}): Promise<TransportConnection> =>
    nats({ servers: server.url, ackWaitMs, ...options }).connect({ clientName: 'test', signal });

  describe('the contract of transports', () => {
    let destinations = 0;
    const setUp = async (): Promise<TransportUnderTest> => ({
      transport: nats({ servers: server.url, ackWaitMs }),
      destination: () => `contract.case-${(destinations += 1)}`,
      advance: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      dispose: async () => undefined,
    });
    for (const { title, run } of transportContract(setUp, { capabilities: nats().capabilities, redeliveryMs: ackWaitMs })) test(title, run);
  });

  /** What another program does. */
  async function asOther<T>(work: (client: NatsConnection) => Promise<T>): Promise<T> {
    const client = await connectClient({ servers: server.url });
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  }

  test('a message that is published twice with one id arrives once', async () => {
    const connection = await open();
    const source = await connection.subscribe('twice', { group: 'readers', prefetch: 10, signal });
    await connection.publish('twice', message('same'), signal);
    await connection.publish('twice', message('same'), signal);
    await connection.publish('twice', message('other'), signal);
    expect(idsOf(await acknowledged(source, 2))).toEqual(['other', 'same']);
    await connection.close();
  });

  test('a stream that holds several destinations is used as it is, and dead letters that keep an id are no duplicates', async () => {
    await asOther(async (client) => {
      const manager = await jetstreamManager(client);
      await manager.streams.add({ name: 'EVERYTHING', subjects: ['mall.>'], storage: StorageType.Memory });
    });
    const connection = await open();
    const orders = await connection.subscribe('mall.orders', { group: 'a/b', prefetch: 10, signal });
    const dead = await connection.subscribe('mall.orders.dead', { group: 'a/b', prefetch: 10, signal });
    await connection.publish('mall.orders', message('m-1'), signal);
    for (const group of ['first', 'second', 'second'])
      await connection.publish('mall.orders.dead', message('m-1', { headers: { 'tracewright-dead-letter-group': group } }), signal);
    expect(idsOf(await acknowledged(orders, 1))).toEqual(['m-1']);
    const letters = await acknowledged(dead, 2);
    expect(letters.map(({ id, headers }) => [id, headers['tracewright-dead-letter-group']])).toEqual([
      ['m-1', 'first'],
      ['m-1', 'second'],
    ]);
    await connection.close();
    const consumers = await asOther(async (client) => (await jetstreamManager(client)).consumers.list('EVERYTHING').next());
    expect(consumers.map(({ name }) => name).toSorted()).toEqual(['a_2Fb_on_mall__orders', 'a_2Fb_on_mall__orders__dead']);
  });

  test('a stream that is made has the settings that were given', async () => {
    const connection = await open({ stream: { storage: 'memory', maxAgeMs: 60_000, maxMessages: 7, maxBytes: 100_000 } });
    await connection.publish('small.stream', message('m-1'), signal);
    await connection.close();
    const { config } = await asOther(async (client) => (await jetstreamManager(client)).streams.info('small__stream'));
    expect(config).toMatchObject({ subjects: ['small.stream'], storage: 'memory', max_msgs: 7, max_bytes: 100_000, retention: 'limits' });
    expect(config).toMatchObject({ max_age: 60_000_000_000, duplicate_window: 60_000_000_000 });
  });

  test('what another program has published arrives with the parts that it has', async () => {
    const connection = await open();
    const source = await connection.subscribe('foreign', { group: 'readers', prefetch: 10, signal });
    await asOther(async (client) => {
      const given = natsHeaders();
      given.set('Nats-Msg-Id', 'theirs');
      given.set('discount', '100%');
      client.publish('foreign', 'one', { headers: given });
      client.publish('foreign', 'two');
      await client.flush();
    });
    const found = await acknowledged(source, 2);
    expect(found.map(({ id, key, headers }) => ({ id, key, headers }))).toEqual([
      { id: 'theirs', key: undefined, headers: { discount: '100%' } },
      { id: 'foreign:2', key: undefined, headers: {} },
    ]);
    await connection.close();
  });

  test('what comes after an abort goes to another member when nobody asks any more', async () => {
    const [paused, other, sender] = [await open(), await open(), await open()];
    const idle = await paused.subscribe('paused', { group: 'readers', prefetch: 10, signal });
    const stop = new AbortController();
    const receiving = idle.receive(10, stop.signal);
    await sender.publish('paused', message('first'), signal);
    await expect(receiving).resolves.toHaveLength(1);
    // The request stands, and takes what comes now.
    await sender.publish('paused', message('second'), signal);
    stop.abort();
    const source = await other.subscribe('paused', { group: 'readers', prefetch: 10, signal });
    expect(idsOf(await acknowledged(source, 1))).toEqual(['second']);
    for (const connection of [paused, other, sender]) await connection.close();
  });

  test('a message larger than the server takes is refused with both sizes', async () => {
    const connection = await open();
    const error = await failure(connection.publish('large', { ...message('m-1'), body: new Uint8Array(1_048_576) }, signal));
    expect(isTracewrightError(error, 'TW_TRANSPORT')).toBe(true);
    expect(error.message).toMatch(/"large" has \d+ bytes, and the NATS server takes at most 1048576 \(max_payload/);
    await connection.close();
  });

  test('a connection that is to be encrypted is not made to a server without TLS', async () => {
    for (const options of [{ tls: {} }, { servers: server.url.replace('nats:', 'tls:') }]) {
      const error = await failure(open(options));
      expect(isTracewrightError(error, 'TW_TRANSPORT')).toBe(true);
      expect(error.message).toMatch(/tls/i);
    }
  });

  test('a process that has closed its connection ends', async () => {
    const script = `
      import { nats } from 'tracewright/nats';
      const signal = new AbortController().signal;
      const connection = await nats({ servers: '${server.url}' }).connect({ clientName: 'script', signal });
      const source = await connection.subscribe('script', { group: 'g', prefetch: 5, signal });
      await connection.publish('script', { id: 'm-1', body: new Uint8Array(), headers: {} }, signal);
      const received = await source.receive(5, signal);
      await connection.close();
      console.log(received.length);`;
    const conditions = ['--conditions=@tracewright/source', '--import', 'tsx', '--input-type=module'];
    const { stdout } = await promisify(execFile)(process.execPath, [...conditions, '-e', script], { cwd: import.meta.dirname });
    expect(stdout).toBe('1\n');
  });

  test('a managed subscription tries again, buries what cannot be handled, and links each try to its sender', async () => {
    using traces = recordTraces();
    let failures = 0;
    let buried: (reason: string | undefined) => void = () => undefined;
    const isBuried = new Promise<string | undefined>((resolve) => (buried = resolve));
    const order = z.object({ id: z.string() });
    const till = defineComponent({
      name: 'till',
      aspects: { orders: order },
      interests: { orders: order, 'orders.dead': order },
      bootstrap(l, link) {
        const retry = { delayMs: 20, maxDelayMs: 20, maxAttempts: 2 };
        const refuse = (): never => {
          failures += 1;
          throw new Error('no stock');
        };
        link.subscribe('orders', refuse, { retry, order: 'none' });
        link.subscribe('orders.dead', ({ headers }) => buried(headers['tracewright-dead-letter-reason']));
        l.fork('sell', (own) => own.run('sell', () => link.publish('orders', { id: 'A-1' })));
      },
    });
    const bindings = { orders: 'till.orders', 'orders.dead': 'till.orders.dead' };
    const footprint = { identifier: 'fp', revision: 1, name: 'mall', allocations: [{ component: 'till', bindings }] };
    const transport = nats({ servers: server.url });
    const deployment = await deploy(footprint, { runtime: traces.runtime(), components: [till], transport });
    await deployment.ready;
    await expect(isBuried).resolves.toBe('Error');
    await deployment.stop();
    await expect(deployment.done).resolves.toMatchObject({ status: 'stopped', failures: [] });
    expect(failures).toBe(2);
    const attributes = ['messaging.system', 'tracewright.attempt', 'tracewright.settled'];
    expect(traces.render({ attributes })).toMatchInlineSnapshot(`
      "footprint.apply  service service

      till.bootstrap  service service

      sell  service service
      │  → link to till.bootstrap (cause)
      └─ send till.orders  PRODUCER
            messaging.system = "nats"

      process till.orders  CONSUMER  ERROR Error  outcome error  service service
         messaging.system = "nats"
         tracewright.attempt = 1
         tracewright.settled = "retry"
         → link to send till.orders (producer)
         ✗ Error: no stock

      process till.orders  CONSUMER  ERROR Error  outcome error  service service
      │  messaging.system = "nats"
      │  tracewright.attempt = 2
      │  tracewright.settled = "dead_letter"
      │  → link to send till.orders (producer)
      │  ✗ Error: no stock
      └─ send till.orders.dead  PRODUCER
            messaging.system = "nats"

      process till.orders.dead  CONSUMER  service service
         messaging.system = "nats"
         tracewright.attempt = 1
         tracewright.settled = "ack"
         → link to send till.orders.dead (producer)"
    `);
  });
});

describe.skipIf(isServerMissing)('a NATS server that is killed', () => {
  test('has lost nothing when it is back, and the source goes on', () =>
    withServer(async (server) => {
      const connection = await nats({ servers: server.url, ackWaitMs }).connect({ clientName: 'test', signal });
      const source = await connection.subscribe('orders', { group: 'readers', prefetch: 2, signal });
      for (const id of ['a', 'b', 'c', 'd']) await connection.publish('orders', message(id), signal);
      const [first] = await source.receive(2, signal);
      await first?.ack();
      expect(first?.id).toBe('a');
      const waiting = failure(receiveForEver(source));
      await server.kill();
      const error = await waiting;
      expect(isTracewrightError(error, 'TW_TRANSPORT')).toBe(true);
      expect(error.message).toContain(server.url);
      await server.start();
      // What was acknowledged shortly before may come again: the server writes that down a little later.
      const seen = new Set<string>();
      while (!['b', 'c', 'd'].every((id) => seen.has(id))) for (const { id } of await acknowledged(source, 1)) seen.add(id);
      await connection.publish('orders', message('e'), signal);
      while (!seen.has('e')) for (const { id } of await acknowledged(source, 1)) seen.add(id);
      await connection.close();
    }));

  test('has forgotten a stream in memory: it is made again, for who publishes and who receives', () =>
    withServer(async (server) => {
      const transport = nats({ servers: server.url, stream: { storage: 'memory' } });
      const connection = await transport.connect({ clientName: 'test', signal });
      const source = await connection.subscribe('orders', { group: 'readers', prefetch: 2, signal });
      await connection.publish('orders', message('a'), signal);
      expect(idsOf(await acknowledged(source, 1))).toEqual(['a']);
      const waiting = failure(source.receive(1, signal));
      await server.kill();
      await waiting;
      await server.start();
      await connection.publish('orders', message('b'), signal);
      expect(idsOf(await acknowledged(source, 1))).toEqual(['b']);
      await connection.close();
    }));

  test('keeps nobody from closing while it is away', () =>
    withServer(async (server) => {
      const connection = await nats({ servers: server.url }).connect({ clientName: 'test', signal });
      const source = await connection.subscribe('orders', { group: 'readers', prefetch: 2, signal });
      await connection.publish('orders', message('a'), signal);
      await source.receive(1, signal);
      const waiting = failure(source.receive(1, signal));
      await server.kill();
      await waiting;
      await connection.close();
      await expect(source.receive(1, signal)).resolves.toEqual([]);
    }));
});
