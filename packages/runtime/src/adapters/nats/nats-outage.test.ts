import { jetstreamManager } from '@nats-io/jetstream';
import { connect as connectClient } from '@nats-io/transport-node';
import { execFile } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { promisify } from 'node:util';
import { isTracewrightError } from 'tracewright';
import type { Delivery, OutgoingMessage, TransportConnection } from 'tracewright/component';
import { nats, type NatsTransportOptions } from 'tracewright/nats';
import { afterAll, describe, expect, test } from 'vitest';
import { BrokenWire } from './broken-wire.test-kit.ts';
import { disposeServers, isServerMissing, type NatsServer, withServer } from './nats-server.test-kit.ts';

afterAll(disposeServers);

const { signal } = new AbortController();
// Many publications are under way at once here.
setMaxListeners(0, signal);
/** Longer than any test may take: what ends earlier has not waited for that. Milliseconds. */
const requestTimeoutMs = 600_000;
const message = (id: string): OutgoingMessage => ({ id, body: new TextEncoder().encode(id), headers: {} });

const open = (servers: string, options: NatsTransportOptions = {}): Promise<TransportConnection> =>
  nats({ servers, requestTimeoutMs, ...options }).connect({ clientName: 'test', signal });

async function failure(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('it did not fail');
  return error;
}

/** Receives until `count` messages are here; what the connection does meanwhile is borne. */
async function received(connection: TransportConnection, count: number): Promise<readonly Delivery[]> {
  const source = await connection.subscribe('orders', { group: 'readers', prefetch: 100, signal });
  const found: Delivery[] = [];
  while (found.length < count) found.push(...(await source.receive(count - found.length, signal).catch(() => [])));
  return found;
}

/** What `connection` needs to know of the stream is known then. */
async function publishFirst(connection: TransportConnection): Promise<void> {
  await connection.publish('orders', message('first'), signal);
}

/** What the stream of the orders has, and what its consumer knows, as another client sees them. */
async function countsOf({ url }: NatsServer): Promise<{ readonly messages: number; readonly unsettled: number }> {
  const client = await connectClient({ servers: url });
  try {
    const manager = await jetstreamManager(client);
    const { state } = await manager.streams.info('orders');
    const [consumer] = await manager.consumers.list('orders').next();
    return { messages: state.messages, unsettled: consumer === undefined ? 0 : consumer.num_ack_pending + consumer.num_pending };
  } finally {
    await client.close();
  }
}

function withWire(body: (wire: BrokenWire, server: NatsServer) => Promise<void>): Promise<void> {
  return withServer(async (server) => {
    const wire = await new BrokenWire(() => server.port).open();
    try {
      await body(wire, server);
    } finally {
      await wire.close();
    }
  });
}

/** Resolves when a client has said something with `text` in it. */
function hearing(wire: BrokenWire, text: string): Promise<void> {
  return new Promise((resolve) => {
    wire.onHeard = () => {
      if (wire.heard.includes(text)) resolve();
    };
  });
}

describe.skipIf(isServerMissing)('a NATS server that is away for a moment', () => {
  test('confirms what was acknowledged while it was away as soon as it is back', () =>
    withServer(async (server) => {
      const connection = await open(server.url);
      for (const id of ['a', 'b', 'c']) await connection.publish('orders', message(id), signal);
      const source = await connection.subscribe('orders', { group: 'readers', prefetch: 3, signal });
      const deliveries: Delivery[] = [];
      while (deliveries.length < 3) deliveries.push(...(await source.receive(3, signal)));
      const waiting = failure(source.receive(1, signal));
      await server.stop();
      await waiting;
      const acknowledged = Promise.all(deliveries.map((delivery) => delivery.ack()));
      await server.start();
      await acknowledged;
      await expect(countsOf(server)).resolves.toEqual({ messages: 3, unsettled: 0 });
      await connection.close();
    }));

  test('confirms the acknowledgements that were on their way when it was killed', () =>
    withServer(async (server) => {
      const connection = await open(server.url);
      for (const id of ['a', 'b', 'c']) await connection.publish('orders', message(id), signal);
      const deliveries = await received(connection, 3);
      server.freeze();
      const acknowledged = Promise.all(deliveries.map((delivery) => delivery.ack()));
      await server.kill();
      await server.start();
      // One that is killed may have forgotten what it has sent, and send it again: all that can be had is its word.
      await acknowledged;
      await connection.close();
    }));

  test('gets the publications that were on their way when it was killed, and the look at their stream', () =>
    withServer(async (server) => {
      const [connection, newcomer] = [await open(server.url), await open(server.url)];
      await publishFirst(connection);
      server.freeze();
      const ids = Array.from({ length: 20 }, (_, index) => `m-${index}`);
      const published = Promise.all([
        ...ids.map((id) => connection.publish('orders', message(id), signal)),
        newcomer.publish('orders', message('new'), signal),
      ]);
      await server.kill();
      await server.start();
      await published;
      const deliveries = await received(connection, 22);
      expect(deliveries.map(({ id }) => id).toSorted()).toEqual(['first', 'new', ...ids].toSorted());
      await expect(countsOf(server)).resolves.toMatchObject({ messages: 22 });
      for (const one of [connection, newcomer]) await one.close();
    }));

  test('for longer than requestTimeoutMs lets nobody wait for more than that, and an acknowledgement that has failed can be given again', () =>
    withServer(async (server) => {
      const connection = await open(server.url, { requestTimeoutMs: 1000 });
      await publishFirst(connection);
      const [delivery] = await received(connection, 1);
      await server.stop();
      const errors = [failure(Promise.resolve(delivery?.ack())), failure(connection.publish('orders', message('late'), signal))];
      for (const error of await Promise.all(errors)) {
        expect(isTracewrightError(error, 'TW_TRANSPORT') && error.message).toContain(`the connection to NATS at ${server.url} is lost`);
      }
      await server.start();
      await delivery?.ack();
      await expect(countsOf(server)).resolves.toEqual({ messages: 1, unsettled: 0 });
      await connection.close();
    }));

  test('keeps nobody from closing, and what it did not confirm fails then', () =>
    withServer(async (server) => {
      const connection = await open(server.url);
      await publishFirst(connection);
      const [delivery] = await received(connection, 1);
      server.freeze();
      const onTheirWay = [failure(connection.publish('orders', message('a'), signal)), failure(Promise.resolve(delivery?.extend()))];
      await server.kill();
      const waiting = [failure(connection.publish('orders', message('b'), signal)), failure(Promise.resolve(delivery?.ack()))];
      await connection.close();
      for (const error of await Promise.all([...onTheirWay, ...waiting])) expect(isTracewrightError(error, 'TW_TRANSPORT')).toBe(true);
    }));
});

describe.skipIf(isServerMissing)('a connection to NATS that is lost', () => {
  test('while it is being opened is opened all the same', () =>
    withWire(async (wire) => {
      let isFirst = true;
      wire.onHeard = (text) => {
        if (isFirst && text.includes('$JS.API.INFO')) {
          isFirst = false;
          wire.cut();
        }
      };
      const connection = await open(wire.url);
      await publishFirst(connection);
      await connection.close();
    }));

  test('has the acknowledgements given again that had not arrived', () =>
    withWire(async (wire, server) => {
      const connection = await open(wire.url);
      for (const id of ['a', 'b', 'c']) await connection.publish('orders', message(id), signal);
      const deliveries = await received(connection, 3);
      wire.isDeaf = true;
      const acknowledged = Promise.all(deliveries.map((delivery) => delivery.ack()));
      await hearing(wire, '+ACK');
      wire.isDeaf = false;
      wire.cut();
      await acknowledged;
      await expect(countsOf(server)).resolves.toEqual({ messages: 3, unsettled: 0 });
      await connection.close();
    }));

  test('makes no second message of a publication that had arrived', () =>
    withWire(async (wire, server) => {
      const connection = await open(wire.url);
      await publishFirst(connection);
      wire.isMuted = true;
      const published = connection.publish('orders', message('a'), signal);
      await expect.poll(() => countsOf(server), { timeout: 30_000 }).toMatchObject({ messages: 2 });
      wire.isMuted = false;
      wire.cut();
      const again = hearing(wire, 'HPUB orders');
      await published;
      await again;
      await expect(countsOf(server)).resolves.toMatchObject({ messages: 2 });
      await connection.close();
    }));

  test('fails a publication at once that the stream would not know again', () =>
    withWire(async (wire, server) => {
      // The server takes no less.
      const duplicateWindowMs = 100;
      const connection = await open(wire.url, { stream: { duplicateWindowMs } });
      await publishFirst(connection);
      wire.isMuted = true;
      const published = failure(connection.publish('orders', message('a'), signal));
      await expect.poll(() => countsOf(server), { timeout: 30_000 }).toMatchObject({ messages: 2 });
      await wire.close();
      await new Promise((resolve) => setTimeout(resolve, duplicateWindowMs + 50));
      wire.isMuted = false;
      await wire.open();
      const error = await published;
      expect(isTracewrightError(error, 'TW_TRANSPORT') && error.data).toEqual({ system: 'nats', destination: 'orders', duplicateWindowMs });
      expect(error.message).toMatch(/was lost before NATS confirmed a message to "orders", which may have arrived/);
      await expect(countsOf(server)).resolves.toMatchObject({ messages: 2 });
      await connection.close();
    }));

  test('is given no message again that the server has taken back meanwhile', () =>
    withWire(async (wire, server) => {
      const connection = await open(wire.url, { ackWaitMs: 500 });
      await publishFirst(connection);
      const [delivery] = await received(connection, 1);
      wire.isMuted = true;
      const settled = delivery?.retry(60_000);
      const extended = delivery?.extend();
      await hearing(wire, '-NAK');
      // The server is told of the retry, but its answer is lost; by the time the connection is back, the message is nobody's.
      await wire.close();
      await new Promise((resolve) => setTimeout(resolve, 600));
      wire.isMuted = false;
      await wire.open();
      await settled;
      await extended;
      expect(wire.heard).not.toMatch(/-NAK|\+WPI/);
      await expect(countsOf(server)).resolves.toMatchObject({ messages: 1 });
      await connection.close();
    }));

  test('sends nothing again for who has given up', () =>
    withWire(async (wire, server) => {
      const connection = await open(wire.url);
      await publishFirst(connection);
      server.freeze();
      const stop = new AbortController();
      const given = connection.publish('orders', message('given-up'), stop.signal);
      await hearing(wire, 'given-up');
      const reason = new Error('enough');
      stop.abort(reason);
      await expect(given).rejects.toBe(reason);
      await server.kill();
      wire.cut();
      await server.start();
      await connection.publish('orders', message('wanted'), signal);
      expect(wire.heard).toContain('wanted');
      expect(wire.heard).not.toContain('given-up');
      await connection.close();
    }));

  test('again and again does not keep a publication waiting for ever', () =>
    withWire(async (wire) => {
      const connection = await open(wire.url, { requestTimeoutMs: 1000 });
      await publishFirst(connection);
      let attempts = 0;
      wire.onHeard = (text) => {
        if (!text.includes('HPUB orders')) return;
        attempts += 1;
        wire.isMuted = true;
        setTimeout(() => {
          wire.isMuted = false;
          wire.cut();
        }, 200);
      };
      const error = await failure(connection.publish('orders', message('a'), signal));
      expect(isTracewrightError(error, 'TW_TRANSPORT')).toBe(true);
      expect(attempts).toBeGreaterThan(1);
      await connection.close();
    }));

  test('leaves nothing behind that keeps a process alive which has closed it', () =>
    withWire(async (wire) => {
      const script = `
        import { nats } from 'tracewright/nats';
        const signal = new AbortController().signal;
        const message = (id) => ({ id, body: new Uint8Array(), headers: {} });
        const transport = nats({ servers: '${wire.url}', requestTimeoutMs: ${requestTimeoutMs} });
        const connection = await transport.connect({ clientName: 'script', signal });
        await connection.publish('orders', message('first'), signal);
        const source = await connection.subscribe('orders', { group: 'g', prefetch: 5, signal });
        const [delivery] = await source.receive(5, signal);
        const failed = [];
        const note = (work) => void work.catch(({ code }) => failed.push(code));
        note(connection.publish('orders', message('on-its-way'), signal));
        await source.receive(1, signal).catch(() => undefined);
        note(connection.publish('orders', message('a'), signal));
        note(delivery.ack());
        await connection.close();
        await new Promise((resolve) => setImmediate(resolve));
        console.log(failed.join());`;
      const conditions = ['--conditions=@tracewright/source', '--import', 'tsx', '--input-type=module'];
      wire.onHeard = (text) => {
        if (text.includes('on-its-way')) void wire.close();
      };
      const { stdout } = await promisify(execFile)(process.execPath, [...conditions, '-e', script], { cwd: import.meta.dirname });
      expect(stdout).toBe('TW_TRANSPORT,TW_TRANSPORT,TW_TRANSPORT\n');
      await wire.open();
    }));
});
