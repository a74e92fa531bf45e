import { deepEqual, equal, ok } from 'node:assert/strict';
import type { PlannedCase } from './contract-case.ts';
import { idsOf } from './trial.ts';

/** Who gets a message: every group, and one member of each. */
export const groupCases: readonly PlannedCase[] = [
  {
    title: 'each group gets every message',
    needs: [],
    async body(trial) {
      const mail = await trial.consumer({ group: 'mail' });
      const bill = await trial.consumer({ group: 'bill' });
      const sender = await trial.connect();
      const sent = idsOf([await trial.publish(sender), await trial.publish(sender)]);
      deepEqual(idsOf(await trial.collect(mail, 2)).toSorted(), sent);
      deepEqual(idsOf(await trial.collect(bill, 2)).toSorted(), sent);
    },
  },
  {
    title: 'the members of a group share its messages: each reaches one of them',
    needs: [],
    async body(trial) {
      const members = [await trial.consumer(), await trial.consumer()];
      const sender = await trial.connect();
      const sent: string[] = [];
      for (let count = 0; count < 8; count += 1) sent.push((await trial.publish(sender, { key: `key-${count}` })).id);
      const heard: string[] = [];
      for (let round = 0; heard.length < sent.length && round < 20; round += 1) {
        for (const member of members) heard.push(...idsOf(await trial.heardIn(member)));
      }
      deepEqual(heard.toSorted(), sent.toSorted());
      for (const member of members) await trial.nothingFrom(member);
    },
  },
  {
    title: 'what is published before anybody subscribes reaches the first group',
    needs: ['durable'],
    async body(trial) {
      const sender = await trial.connect();
      const sent = [await trial.publish(sender, { key: 'a' }), await trial.publish(sender, { key: 'a' })];
      await trial.settled('close', sender.close());
      const source = await trial.consumer();
      const first = await trial.next(source);
      await trial.settled('ack', first.ack());
      deepEqual([first.id, (await trial.next(source)).id], idsOf(sent));
    },
  },
  {
    title: 'what is published while no member of a group is there waits for the one that comes back',
    needs: ['durable'],
    async body(trial) {
      const reader = await trial.connect();
      await trial.join(reader);
      await trial.settled('close', reader.close());
      const sent = await trial.publish(await trial.connect());
      equal((await trial.next(await trial.consumer())).id, sent.id);
    },
  },
  {
    title: 'messages with one key reach one member at a time, in the order in which they were published',
    needs: ['keyOrder'],
    async body(trial) {
      // Who has one has no room for the next: without an order, that would go to the other.
      const members = [await trial.consumer({ prefetch: 1 }), await trial.consumer({ prefetch: 1 })];
      const sender = await trial.connect();
      const sent: string[] = [];
      for (let count = 0; count < 4; count += 1) sent.push((await trial.publish(sender, { key: 'one' })).id);
      const order: string[] = [];
      for (let round = 0; order.length < sent.length && round < 20; round += 1) {
        const heard = await Promise.all(members.map((member) => trial.heardIn(member)));
        ok(
          heard.some((messages) => messages.length === 0),
          'both members hold messages with one key',
        );
        for (const delivery of heard.flat()) {
          order.push(delivery.id);
          await trial.settled('ack', delivery.ack());
        }
      }
      deepEqual(order, sent);
    },
  },
];
