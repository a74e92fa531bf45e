import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Delivery, OutgoingMessage } from '../../component/transport.ts';
import type { PlannedCase } from './contract-case.ts';
import { bytesOf, idsOf, type Trial } from './trial.ts';

/** Headers of HTTP would not take most of these; a transport has to encode what its broker does not. */
const awkwardHeaders = {
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  'Mixed-Case': 'As It Is',
  umlauts: 'Grüße aus Köln',
  'beyond-latin': '日本語 🚀',
  empty: '',
  'with-signs': 'a=b; c="d", e: f % g\\',
  'many-lines': 'one\r\ntwo\tthree',
};

/** Brokers that hold messages of a megabyte count headers, too. */
const largeBytes = 1_000_000;

/** Messages arrive as they were sent. */
export const messageCases: readonly PlannedCase[] = [
  {
    title: 'a message that is published after subscribing arrives with its id, key, body and headers, as a first attempt',
    needs: [],
    body: (trial) => arrivesAsSent(trial, { id: 'order-7', key: 'Käse 7', body: bytesOf('{"ok":true}'), headers: awkwardHeaders }),
  },
  {
    title: 'a message without key and headers arrives without them',
    needs: [],
    body: (trial) => arrivesAsSent(trial, { id: 'plain', body: bytesOf('plain'), headers: {} }),
  },
  {
    title: 'an empty body arrives empty',
    needs: [],
    body: (trial) => arrivesAsSent(trial, { id: 'empty', body: new Uint8Array(), headers: {} }),
  },
  {
    title: 'a body of all byte values arrives byte by byte, also from the middle of a larger buffer',
    needs: [],
    body: (trial) =>
      arrivesAsSent(trial, { id: 'bytes', body: Uint8Array.from({ length: 300 }, (_, at) => at).subarray(10, 290), headers: {} }),
  },
  {
    title: 'a body of a megabyte arrives whole',
    needs: [],
    body: (trial) => arrivesAsSent(trial, { id: 'large', body: Uint8Array.from({ length: largeBytes }, (_, at) => at * 31), headers: {} }),
  },
  {
    title: 'the time of a message is that of its publishing, in milliseconds since the epoch, where the broker says one',
    needs: [],
    async body(trial) {
      const source = await trial.consumer();
      const sender = await trial.connect();
      await trial.publish(sender, { id: '1' });
      await trial.advance(100);
      await trial.publish(sender, { id: '2' });
      // Where a destination has parts, messages without a key come in any order.
      const received = (await trial.collect(source, 2)).toSorted((one, other) => Number(one.id) - Number(other.id));
      const [first, second] = received.map(({ publishedAt }) => publishedAt);
      if (first === undefined && second === undefined) return;
      ok(first !== undefined && second !== undefined, 'one message has a time, another has none');
      ok(first > Date.UTC(2000) && first < Date.UTC(2200), `${first} is no time in milliseconds since the epoch`);
      ok(second - first >= 50 && second - first < 60_000, `published 100 ms apart, but ${second - first} ms by their times`);
    },
  },
  {
    title: 'two hundred messages with one key arrive in their order, each of them once',
    needs: [],
    async body(trial) {
      const source = await trial.consumer({ prefetch: 20 });
      const sender = await trial.connect();
      const sent: OutgoingMessage[] = [];
      for (let count = 0; count < 200; count += 1) sent.push(await trial.publish(sender, { key: 'one' }));
      deepEqual(idsOf(await acknowledgedFrom(trial, source, 200)), idsOf(sent));
      await trial.nothingFrom(source);
    },
  },
  {
    title: 'what the sender does to a message after it was published, and one group to what it got, changes nothing for others',
    needs: [],
    async body(trial) {
      const first = await trial.consumer({ group: 'first' });
      const second = await trial.consumer({ group: 'second' });
      const body = bytesOf('as published');
      const headers: Record<string, string> = { kept: 'yes' };
      await trial.publish(await trial.connect(), { body, headers });
      body.fill(0);
      headers['kept'] = 'no';
      const got = await trial.next(first);
      deepEqual([textOf(got), got.headers], ['as published', { kept: 'yes' }]);
      got.body.fill(0);
      equal(textOf(await trial.next(second)), 'as published');
    },
  },
];

async function arrivesAsSent(trial: Trial, message: OutgoingMessage): Promise<void> {
  const source = await trial.consumer();
  await trial.publish(await trial.connect(), message);
  const { id, key, body, headers, attempt } = await trial.next(source);
  deepEqual({ id, key, headers: { ...headers }, attempt }, { id: message.id, key: message.key, headers: message.headers, attempt: 1 });
  ok(body instanceof Uint8Array, 'the body is no Uint8Array');
  ok(Buffer.compare(body, message.body) === 0, `${body.length} bytes came that are not the ${message.body.length} that were sent`);
}

async function acknowledgedFrom(trial: Trial, source: Parameters<Trial['next']>[0], count: number): Promise<readonly Delivery[]> {
  const received: Delivery[] = [];
  while (received.length < count) {
    for (const delivery of await trial.receive(source, 20)) {
      received.push(delivery);
      await trial.settled('ack', delivery.ack());
    }
  }
  return received;
}

function textOf({ body }: Delivery): string {
  return new TextDecoder().decode(body);
}
