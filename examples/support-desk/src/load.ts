import { randomBytes } from 'node:crypto';
import type { DeskClient } from './client.ts';

/** One caller and what it does. */
export interface Caller {
  readonly title: string;
  call(client: DeskClient): Promise<void>;
}

const slowReaderMs = 40;

/** The callers of one round, each with a habit of its own. */
export const callers: readonly Caller[] = [
  {
    title: 'Ada, a user, opens a ticket and follows it to its answer',
    async call(client) {
      const ada = { 'x-user': 'ada' };
      await client.follow(ada, await client.open(ada, { subject: 'Where is my parcel?', order: 'A-17' }));
    },
  },
  {
    title: 'The shop, a service, opens a ticket and goes on with its own work',
    async call(client) {
      await client.open({ 'x-service': 'shop' }, { subject: 'A price is missing' });
    },
  },
  {
    title: 'Somebody without a name, in development: the desk stands in',
    async call(client) {
      await client.open({}, { subject: 'Is anybody there?' });
    },
  },
  {
    title: 'Bob closes the page in the middle of the answer; the ticket is answered all the same',
    async call(client) {
      const bob = { 'x-user': 'bob' };
      await client.follow(bob, await client.open(bob, { subject: 'When will you deliver?' }), { leaveAt: 'text' });
    },
  },
  {
    title: 'Cyd asks about an order that breaks the order system: the ticket fails',
    async call(client) {
      const cyd = { 'x-user': 'cyd' };
      await client.follow(cyd, await client.open(cyd, { subject: 'My invoice is wrong', order: 'X-4' }));
    },
  },
  {
    title: 'Dan reads slowly, and gets every event',
    async call(client) {
      const dan = { 'x-user': 'dan' };
      await client.follow(dan, await client.open(dan, { subject: 'Please explain my bill' }), {
        onEvent: () => client.pause(slowReaderMs),
      });
    },
  },
  {
    title: 'An agent opens a ticket for Ada',
    async call(client) {
      await client.open({ 'x-agent': 'mailbot', 'x-user': 'ada' }, { subject: 'Deliver to another address' });
    },
  },
  {
    title: 'Eve comes through a gateway that traces too: her request joins its trace',
    async call(client) {
      const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
      await client.open({ 'x-user': 'eve', traceparent }, { subject: 'Do you have this in green?' });
    },
  },
  {
    title: 'Fay asks about the same order as Ada: the answer is kept, and the order system is not asked',
    async call(client) {
      const fay = { 'x-user': 'fay' };
      await client.follow(fay, await client.open(fay, { subject: 'Has the parcel left?', order: 'A-17' }));
    },
  },
  {
    title: 'Gus asks about two orders: one lies in the archive, where the first try takes too long; the other has to wait for its turn',
    async call(client) {
      const gus = { 'x-user': 'gus' };
      await client.follow(gus, await client.open(gus, { subject: 'Did you ever deliver these?', order: 'S-8, A-21' }));
    },
  },
];
