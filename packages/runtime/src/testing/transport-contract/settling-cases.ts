import { deepEqual, equal } from 'node:assert/strict';
import type { Delivery, MessageSource } from '../../component/transport.ts';
import type { PlannedCase } from './contract-case.ts';
import type { Trial } from './trial.ts';

/** Long enough that a slow machine can look in the middle of it. Milliseconds. */
const delayMs = 2000;

/** A message is done with by `ack`, and by nothing else. */
export const settlingCases: readonly PlannedCase[] = [
  {
    title: 'an acknowledged message never comes again, neither to its member nor to one that joins later',
    needs: [],
    async body(trial) {
      const reader = await trial.connect();
      const source = await trial.join(reader);
      await trial.publish(await trial.connect());
      await trial.settled('ack', (await trial.next(source)).ack());
      await trial.nothingFrom(source, (trial.terms.redeliveryMs ?? 0) + 500);
      await trial.settled('close', reader.close());
      await trial.nothingFrom(await trial.consumer(), 500);
    },
  },
  {
    title: 'a message that is to be retried comes again, the same in all its parts',
    needs: [],
    async body(trial) {
      const { source, delivery } = await oneDelivered(trial);
      await trial.settled('retry', delivery.retry(0));
      const again = await trial.next(source);
      deepEqual(partsOf(again), partsOf(delivery));
      await trial.settled('ack', again.ack());
      await trial.nothingFrom(source);
    },
  },
  {
    title: 'the attempt of a message counts its deliveries, also when they go to different members',
    needs: ['countsDeliveries', 'redelivery'],
    async body(trial) {
      const { source, delivery } = await oneDelivered(trial);
      await trial.settled('retry', delivery.retry(0));
      const second = await trial.next(source);
      await trial.settled('close', source.close());
      const third = await trial.next(await trial.consumer());
      deepEqual([delivery.attempt, second.attempt, third.attempt], [1, 2, 3]);
    },
  },
  {
    title: 'the attempt of a message counts its retries',
    needs: ['countsDeliveries'],
    async body(trial) {
      const { source, delivery } = await oneDelivered(trial);
      await trial.settled('retry', delivery.retry(0));
      equal((await trial.next(source)).attempt, 2);
    },
  },
  {
    title: 'a message that is to be retried after a delay does not come before, and its consumer gets others meanwhile',
    needs: ['delayedRetry'],
    async body(trial) {
      const source = await trial.consumer({ prefetch: 1 });
      const sender = await trial.connect();
      const delayed = await trial.publish(sender);
      await trial.settled('retry', (await trial.next(source)).retry(delayMs));
      const other = await trial.publish(sender);
      const meanwhile = await trial.next(source);
      equal(meanwhile.id, other.id);
      await trial.settled('ack', meanwhile.ack());
      await trial.nothingFrom(source, delayMs / 2);
      equal((await trial.next(source)).id, delayed.id);
    },
  },
  {
    title: 'what is unsettled when a consumer closes comes again to another member of its group',
    needs: ['redelivery'],
    async body(trial) {
      const { source, delivery } = await oneDelivered(trial);
      await trial.settled('close', source.close());
      const again = await trial.next(await trial.consumer());
      deepEqual(partsOf(again), partsOf(delivery));
    },
  },
  {
    title: 'what nobody settles comes again after the broker’s deadline, and not before',
    needs: ['redelivery', 'redeliveryMs'],
    async body(trial) {
      const { source, delivery } = await oneDelivered(trial);
      await trial.nothingFrom(source, trial.redeliveryMs / 2);
      await trial.advance(trial.redeliveryMs / 2);
      equal((await trial.next(source)).id, delivery.id);
    },
  },
  {
    title: 'extend postpones the broker’s deadline',
    needs: ['redelivery', 'redeliveryMs', 'extend'],
    async body(trial) {
      const { source, delivery } = await oneDelivered(trial);
      for (let round = 0; round < 3; round += 1) {
        await trial.nothingFrom(source, trial.redeliveryMs / 2);
        await trial.settled('extend', delivery.extend());
      }
      await trial.advance(trial.redeliveryMs);
      equal((await trial.next(source)).id, delivery.id);
    },
  },
  {
    title: 'settling a message again changes nothing',
    needs: [],
    async body(trial) {
      const { source, delivery } = await oneDelivered(trial);
      await trial.settled('ack', delivery.ack());
      await trial.settled('a second ack', delivery.ack());
      await trial.settled('a retry after ack', delivery.retry(0));
      await trial.nothingFrom(source);
      await trial.publish(await trial.connect());
      const other = await trial.next(source);
      await trial.settled('retry', other.retry(0));
      await trial.settled('an ack after retry', other.ack());
      const again = await trial.next(source);
      equal(again.id, other.id);
      await trial.settled('ack', again.ack());
      await trial.nothingFrom(source);
    },
  },
];

/** A message that has arrived, in a destination where there is no other. */
async function oneDelivered(trial: Trial): Promise<{ readonly source: MessageSource; readonly delivery: Delivery }> {
  const source = await trial.consumer();
  await trial.publish(await trial.connect(), { key: 'key', headers: { kept: 'yes' } });
  return { source, delivery: await trial.next(source) };
}

function partsOf({ id, key, body, headers, publishedAt }: Delivery): unknown {
  return { id, key, body: Uint8Array.from(body), headers: { ...headers }, publishedAt };
}
