import { expect, test } from 'vitest';
import { answer, FakeConsumer } from './fake-consumer.test-kit.ts';
import { GroupMember } from './group-member.ts';
import { requireSettings } from './kafka-options.ts';

/** A member that wants no more as soon as it has got something, and which partitions it has got something of. */
function fullMember(consumer: FakeConsumer): readonly number[] {
  const got: number[] = [];
  const settings = requireSettings({ brokers: 'a:9092', sessionTimeoutMs: 30, maxWaitTimeMs: 10 });
  const member = new GroupMember(consumer.kafka, settings, {
    groupId: 'g/orders',
    topic: 'orders',
    events: {
      onRebalance: () => undefined,
      onAssigned: () => undefined,
      onMessages: (partition) => got.push(partition) > 0,
      isFull: () => true,
      onLost: () => undefined,
    },
  });
  void member.join();
  return got;
}

test('of the batches that have come when the group hands out its partitions anew, only one waits to find that out', async () => {
  const consumer = new FakeConsumer();
  const got = fullMember(consumer);
  await new Promise((resolve) => setImmediate(resolve));
  consumer.assign('orders', [0, 1, 2]);
  const heartbeat = (): Promise<void> => Promise.reject(answer('REBALANCE_IN_PROGRESS'));
  await expect(consumer.hand({ partition: 0, heartbeat })).rejects.toThrow('REBALANCE_IN_PROGRESS');
  await consumer.hand({ partition: 1, heartbeat });
  await consumer.hand({ partition: 2, heartbeat });
  expect(got).toEqual([0]);
  consumer.assign('orders', [1]);
  await expect(consumer.hand({ partition: 1, heartbeat })).rejects.toThrow('REBALANCE_IN_PROGRESS');
  expect(got).toEqual([0, 1]);
});

test('after a failure that the group has nothing to do with, the batches that have come are taken', async () => {
  const consumer = new FakeConsumer();
  const got = fullMember(consumer);
  await new Promise((resolve) => setImmediate(resolve));
  consumer.assign('orders', [0, 1]);
  const heartbeat = (): Promise<void> => Promise.reject(new Error('Closed connection'));
  await expect(consumer.hand({ partition: 0, heartbeat })).rejects.toThrow('Closed connection');
  await expect(consumer.hand({ partition: 1, heartbeat })).rejects.toThrow('Closed connection');
  expect(got).toEqual([0, 1]);
});

test('the client goes on with the oldest message that is kept where the one that it wants is not', async () => {
  const consumer = new FakeConsumer();
  fullMember(consumer);
  await new Promise((resolve) => setImmediate(resolve));
  expect(consumer.calls).toEqual([{ subscribe: { topics: ['orders'], fromBeginning: true } }]);
});
