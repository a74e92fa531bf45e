import { isTracewrightError } from 'tracewright';
import { describe, expect, test } from 'vitest';
import { type FakeClock, fakeClock, transportContract, type TransportUnderTest } from '../../testing/index.ts';
import type { Delivery, MessageSource, TransportConnection } from '../transport.ts';
import { memoryTransport, type MemoryTransportOptions } from './memory-transport.ts';

describe('the contract of transports', () => {
  const setUp = async (): Promise<TransportUnderTest> => {
    const clock = fakeClock();
    let destinations = 0;
    return {
      transport: memoryTransport({ clock }),
      destination: () => `destination-${(destinations += 1)}`,
      advance: (ms) => clock.advance(ms),
      async dispose() {
        expect(clock.pending).toBe(0);
      },
    };
  };
  for (const { title, run } of transportContract(setUp, { capabilities: memoryTransport().capabilities, redeliveryMs: 30_000 })) {
    test(title, run);
  }
});

interface Broker {
  readonly clock: FakeClock;
  readonly connect: () => Promise<TransportConnection>;
  /** Sends one message that is known by its id; what follows a colon is its key. */
  readonly send: (...ids: string[]) => Promise<void>;
  readonly join: (group?: string, prefetch?: number) => Promise<MessageSource>;
}

const { signal } = new AbortController();

async function broker(options: Omit<MemoryTransportOptions, 'clock'> = {}): Promise<Broker> {
  const clock = fakeClock();
  const transport = memoryTransport({ clock, ...options });
  const connect = (): Promise<TransportConnection> => transport.connect({ clientName: 'test', signal });
  const connection = await connect();
  return {
    clock,
    connect,
    async send(...ids) {
      for (const id of ids) {
        await connection.publish('orders', { id, key: id.split(':')[1], body: new Uint8Array([1]), headers: {} }, signal);
      }
    },
    join: (group = 'readers', prefetch = 10) => connection.subscribe('orders', { group, prefetch, signal }),
  };
}

const idsOf = (deliveries: readonly Delivery[]): readonly string[] => deliveries.map(({ id }) => id);

/** What a source has at hand; an aborted receive does not wait. */
async function atHand(source: MessageSource, max = 10): Promise<readonly Delivery[]> {
  const stop = new AbortController();
  const receiving = source.receive(max, stop.signal);
  stop.abort();
  return receiving;
}

async function first(source: MessageSource): Promise<Delivery> {
  const [delivery] = await atHand(source, 1);
  if (delivery === undefined) throw new Error('nothing is at hand');
  return delivery;
}

const faultOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => (isTracewrightError(error) ? { code: error.code, message: error.message, data: error.data } : error),
  );

describe('what waits for a first group', () => {
  test('goes to the first group that joins, later groups begin with what is published from then on', async () => {
    const { send, join } = await broker();
    await send('a', 'b');
    const early = await join('early');
    const late = await join('late');
    await send('c');
    expect(idsOf(await atHand(early))).toEqual(['a', 'b', 'c']);
    expect(idsOf(await atHand(late))).toEqual(['c']);
  });

  test('is bounded: a further publish is refused, and works again when a group has come', async () => {
    const { send, join } = await broker({ maxBacklog: 2 });
    await send('a', 'b');
    expect(await faultOf(send('c'))).toEqual({
      code: 'TW_TRANSPORT',
      message: 'destination "orders" has no group, and 2 messages wait for one already (maxBacklog)',
      data: { system: 'memory', destination: 'orders', maxBacklog: 2 },
    });
    const source = await join();
    await send('d', 'e', 'f');
    expect(idsOf(await atHand(source))).toEqual(['a', 'b', 'd', 'e', 'f']);
  });

  test('is ten thousand messages by default', async () => {
    const { send, join } = await broker();
    const ids = Array.from({ length: 10_000 }, (_, at) => `${at}`);
    await send(...ids);
    expect(await faultOf(send('one more'))).toMatchObject({ code: 'TW_TRANSPORT' });
    expect(idsOf(await atHand(await join('readers', 20_000), 20_000))).toEqual(ids);
  });
});

describe('sharing', () => {
  test('members who wait get one message each in turn, in the order in which they joined, whoever asked first', async () => {
    const { send, join } = await broker();
    const members = [await join(), await join(), await join()];
    const got: string[][] = [[], [], []];
    for (let round = 0; round < 2; round += 1) {
      const waiting = members.map((member, index) => ({ member, index })).toReversed();
      const receiving = waiting.map(async ({ member, index }) => {
        for (const delivery of await member.receive(10, signal)) {
          got[index]?.push(delivery.id);
          await delivery.ack();
        }
      });
      await send(`${round}-1`, `${round}-2`, `${round}-3`);
      await Promise.all(receiving);
    }
    expect(got).toEqual([
      ['0-1', '1-1'],
      ['0-2', '1-2'],
      ['0-3', '1-3'],
    ]);
  });

  test('the turn goes on behind the member that was served, also after one has left', async () => {
    const { send, join } = await broker();
    const [one, two, three] = [await join(), await join(), await join()];
    const waitingOne = one.receive(1, signal);
    const waitingTwo = two.receive(1, signal);
    const waitingThree = three.receive(1, signal);
    await send('a', 'b');
    expect([idsOf(await waitingOne), idsOf(await waitingTwo)]).toEqual([['a'], ['b']]);
    await one.close();
    // What the one who left had goes to the third, whose turn it is; then it is the second one's again.
    expect(idsOf(await waitingThree)).toEqual(['a']);
    const again = [three.receive(1, signal), two.receive(1, signal)];
    await send('c', 'd');
    expect((await Promise.all(again)).map(idsOf)).toEqual([['d'], ['c']]);
  });

  test('a member that waits but has no room is passed over until it settles something', async () => {
    const { send, join } = await broker();
    const [narrow, wide] = [await join('readers', 1), await join()];
    await send('a');
    const held = await first(narrow);
    const waitingNarrow = narrow.receive(1, signal);
    const waitingWide = wide.receive(1, signal);
    await send('b', 'c');
    expect(idsOf(await waitingWide)).toEqual(['b']);
    await held.ack();
    expect(idsOf(await waitingNarrow)).toEqual(['c']);
  });
});

describe('what comes again', () => {
  test('comes after exactly the time for settling, to whoever waits', async () => {
    const { clock, send, join } = await broker({ ackTimeoutMs: 1000 });
    const [slow, other] = [await join(), await join()];
    await send('a');
    const late = await first(slow);
    let received: readonly Delivery[] = [];
    void other.receive(10, signal).then((deliveries) => (received = deliveries));
    await clock.advance(999);
    expect(received).toEqual([]);
    await clock.advance(1);
    expect(received.map(({ id, attempt }) => ({ id, attempt }))).toEqual([{ id: 'a', attempt: 2 }]);
    await late.ack();
    await clock.advance(1000);
    expect((await first(slow)).attempt).toBe(3);
  });

  test('is settled by the latest delivery only', async () => {
    const { clock, send, join } = await broker({ ackTimeoutMs: 1000 });
    const source = await join();
    await send('a');
    const stale = await first(source);
    await clock.advance(1000);
    const current = await first(source);
    await stale.ack();
    await stale.retry(0);
    await stale.extend();
    expect(await atHand(source)).toEqual([]);
    await current.ack();
    expect(clock.pending).toBe(0);
  });

  test('goes before what nobody has had yet, in the order of publication', async () => {
    const { send, join } = await broker();
    const [leaving, staying] = [await join('readers', 3), await join()];
    await send('a', 'b', 'c', 'd', 'e');
    expect(idsOf(await atHand(leaving))).toEqual(['a', 'b', 'c']);
    await leaving.close();
    expect((await atHand(staying)).map(({ id, attempt }) => `${id} ${attempt}`)).toEqual(['a 2', 'b 2', 'c 2', 'd 1', 'e 1']);
  });

  test('comes after exactly its delay, and keeps it when the member that asked for it closes', async () => {
    const { clock, send, join } = await broker();
    const [asking, other] = [await join(), await join()];
    await send('a');
    await (await first(asking)).retry(500);
    await asking.close();
    await clock.advance(499);
    expect(await atHand(other)).toEqual([]);
    await clock.advance(1);
    expect((await first(other)).attempt).toBe(2);
  });

  test('is ready at once where its delay ran out while nobody was there, and no timer was set meanwhile', async () => {
    const { clock, send, join } = await broker();
    const source = await join();
    await send('a', 'b');
    const [a, b] = await atHand(source);
    await a?.retry(500);
    await b?.retry(5000);
    await source.close();
    expect(clock.pending).toBe(0);
    await clock.advance(1000);
    const later = await join();
    expect(idsOf(await atHand(later))).toEqual(['a']);
    await clock.advance(3999);
    expect(idsOf(await atHand(later))).toEqual([]);
    await clock.advance(1);
    expect(idsOf(await atHand(later))).toEqual(['b']);
  });

  test('an extended message has the whole time again', async () => {
    const { clock, send, join } = await broker({ ackTimeoutMs: 1000 });
    const source = await join();
    await send('a', 'b');
    const [a] = await atHand(source);
    await clock.advance(900);
    await a?.extend();
    await clock.advance(999);
    expect(idsOf(await atHand(source))).toEqual(['b']);
    await clock.advance(1);
    expect(idsOf(await atHand(source))).toEqual(['a']);
  });

  test('a delay that is no number of milliseconds is refused, and the message stays with its consumer', async () => {
    const { send, join } = await broker();
    const source = await join();
    await send('a');
    const delivery = await first(source);
    for (const delayMs of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(await faultOf(delivery.retry(delayMs))).toMatchObject({ code: 'TW_BAD_OPTION', data: { option: 'delayMs' } });
    }
    expect(await atHand(source)).toEqual([]);
    await delivery.ack();
  });
});

describe('keys', () => {
  test('the next message of a key waits until the one before is acknowledged, and others pass it', async () => {
    const { send, join } = await broker();
    const [one, two] = [await join(), await join()];
    await send('a:k', 'b:k', 'c', 'd:other', 'e:k');
    const held = await first(one);
    expect(idsOf(await atHand(two))).toEqual(['c', 'd:other']);
    await held.ack();
    const [next] = await atHand(two);
    expect(next?.id).toBe('b:k');
    await next?.ack();
    expect(idsOf(await atHand(one))).toEqual(['e:k']);
  });

  test('a message that waited for its key goes before those that were published after it', async () => {
    const { send, join } = await broker();
    const source = await join('readers', 1);
    await send('a:k', 'b:k', 'c', 'd');
    await (await first(source)).ack();
    expect(idsOf(await atHand(source))).toEqual(['b:k']);
  });

  test('a delayed message holds the place of its key', async () => {
    const { clock, send, join } = await broker();
    const source = await join();
    await send('a:k', 'b:k');
    await (await first(source)).retry(500);
    expect(await atHand(source)).toEqual([]);
    await clock.advance(500);
    const again = await first(source);
    expect([again.id, again.attempt]).toEqual(['a:k', 2]);
    expect(await atHand(source)).toEqual([]);
    await again.ack();
    expect(idsOf(await atHand(source))).toEqual(['b:k']);
  });

  test('a message that comes again because its member closed, or was too slow, holds the place of its key', async () => {
    const { clock, send, join } = await broker({ ackTimeoutMs: 1000 });
    const [leaving, slow, last] = [await join(), await join(), await join()];
    await send('a:k', 'b:k');
    await first(leaving);
    await leaving.close();
    expect(idsOf(await atHand(slow))).toEqual(['a:k']);
    await clock.advance(1000);
    expect(idsOf(await atHand(last))).toEqual(['a:k']);
  });

  test('each group has the order of a key for itself', async () => {
    const { send, join } = await broker();
    const [mail, bill] = [await join('mail'), await join('bill')];
    await send('a:k', 'b:k');
    await (await first(mail)).ack();
    expect(idsOf(await atHand(mail))).toEqual(['b:k']);
    expect(idsOf(await atHand(bill))).toEqual(['a:k']);
  });
});

describe('what is refused', () => {
  test('options of the wrong shape, when they are given', () => {
    const wrong = [{ ackTimeoutMs: 0 }, { maxBacklog: 1.5 }, { clock: {} }, { ackTimeout: 5 }];
    const codes = wrong.map((options) => {
      try {
        memoryTransport(options as MemoryTransportOptions); // Wrong on purpose.
        return 'accepted';
      } catch (error) {
        return isTracewrightError(error, 'TW_BAD_OPTION') ? error.message : error;
      }
    });
    expect(codes).toEqual([
      'memoryTransport.ackTimeoutMs must be a positive, finite number, received 0',
      'memoryTransport.maxBacklog must be a whole number of at least 1, received 1.5',
      'memoryTransport.clock must be a Clock, received {}',
      'memoryTransport.ackTimeout is not an option: there are clock, ackTimeoutMs, maxBacklog, maxUnsettled',
    ]);
  });

  test('messages of the wrong shape, without showing what is in them', async () => {
    const connection = await (await broker()).connect();
    const send = (parts: object): Promise<unknown> => {
      const message = { id: 'a', body: new Uint8Array(), headers: {}, ...parts };
      return faultOf(connection.publish('orders', message, signal));
    };
    expect(await send({ body: 'secret' })).toMatchObject({ message: "message.body must be a Uint8Array, received 'string'" });
    expect(await send({ key: 7 })).toMatchObject({ message: "message.key must be a string, received 'number'" });
    expect(await send({ headers: { token: 7 } })).toMatchObject({
      message: "message.headers.token must be a string, received 'number'",
    });
    expect(await send({ id: '' })).toMatchObject({ code: 'TW_BAD_OPTION' });
  });

  test('a second receive while the first one waits', async () => {
    const { join, send } = await broker();
    const source = await join();
    const waiting = source.receive(1, signal);
    expect(await faultOf(source.receive(1, signal))).toMatchObject({ code: 'TW_TRANSPORT' });
    await send('a');
    expect(idsOf(await waiting)).toEqual(['a']);
  });

  test('to publish under a signal that has aborted: nothing is sent', async () => {
    const { connect, join } = await broker();
    const source = await join();
    const connection = await connect();
    const reason = new Error('too late');
    const message = { id: 'a', body: new Uint8Array(), headers: {} };
    expect(await faultOf(connection.publish('orders', message, AbortSignal.abort(reason)))).toBe(reason);
    expect(await atHand(source)).toEqual([]);
  });

  test('what is asked of a closed connection, by the name of its client', async () => {
    const { connect } = await broker();
    const connection = await connect();
    await connection.close();
    expect(await faultOf(connection.subscribe('orders', { group: 'readers', prefetch: 1, signal }))).toEqual({
      code: 'TW_TRANSPORT',
      message: 'the connection of "test" to the memory transport is closed',
      data: { system: 'memory', clientName: 'test' },
    });
  });
});

test('a header that is named as the prototype of objects are is kept as any other', async () => {
  const { connect, join } = await broker();
  const source = await join();
  const headers: unknown = JSON.parse('{"__proto__":"kept"}');
  await (await connect()).publish('orders', { id: 'a', body: new Uint8Array(), headers: headers as Record<string, string> }, signal); // As parsed above.
  expect(Object.entries((await first(source)).headers)).toEqual([['__proto__', 'kept']]);
});

test('no timer is set while nothing is unsettled, and none is left when all is closed', async () => {
  const { clock, connect, send, join } = await broker();
  const other = await (await connect()).subscribe('orders', { group: 'other', prefetch: 5, signal });
  const source = await join();
  await send('a', 'b', 'c');
  expect(clock.pending).toBe(0);
  const deliveries = await atHand(source);
  await atHand(other);
  expect(clock.pending).toBe(2);
  for (const delivery of deliveries) await delivery.ack();
  expect(clock.pending).toBe(1);
  await other.close();
  expect(clock.pending).toBe(0);
});
