import type { Admin } from 'kafkajs';
import { isTracewrightError } from 'tracewright';
import { expect, test } from 'vitest';
import { Changes } from './changes.ts';
import { answer, FakeConsumer } from './fake-consumer.test-kit.ts';
import { GroupMembership } from './group-membership.ts';
import { GroupStart } from './group-start.ts';
import { requireSettings } from './kafka-options.ts';
import { RenewedClient } from './renewed-client.ts';

const settings = requireSettings({ brokers: 'a:9092' });
const topic = 'orders';
const moment = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const paused = (...partitions: readonly number[]): object => ({ pause: [{ topic, partitions }] });
const resumed = (...partitions: readonly number[]): object => ({ resume: [{ topic, partitions }] });
const placed = (partition: number, offset: number): object => ({ topic, partition, offset: String(offset) });

/** A client that says where the topic ends, and what the group has committed: the test may change that. */
function adminOf(ends: readonly number[], committed: Map<number, number>): RenewedClient<Admin> {
  const client: Partial<Admin> = {
    connect: async () => undefined,
    disconnect: async () => undefined,
    fetchTopicOffsets: async () => ends.map((end, partition) => ({ partition, offset: `${end}`, high: `${end}`, low: '0' })),
    fetchOffsets: async () => {
      const partitions = ends.map((_, partition) => ({ partition, offset: String(committed.get(partition) ?? -1), metadata: null }));
      return [{ topic, partitions }];
    },
  };
  return new RenewedClient(() => client as Admin); // It has what a start uses of it.
}

async function joining(consumer: FakeConsumer, start?: GroupStart): Promise<{ membership: GroupMembership; joined: Promise<void> }> {
  const { kafka } = consumer;
  const membership = new GroupMembership({ kafka, settings, destination: topic, groupId: 'g/orders', prefetch: 2, start }, new Changes());
  const joined = membership.join();
  await moment();
  consumer.calls.length = 0;
  return { membership, joined };
}

const startOf = (admin: RenewedClient<Admin>): Promise<GroupStart> => GroupStart.find(admin, { groupId: 'g/orders', topic });

test('a new group that is not to begin with what is there gets nothing before it is written down where it begins', async () => {
  const consumer = new FakeConsumer();
  const { joined } = await joining(consumer, await startOf(adminOf([7, 9], new Map())));
  consumer.assign(topic, [0, 1]);
  expect(consumer.calls).toEqual([paused(0, 1)]);
  await joined;
  expect(consumer.calls.slice(1)).toEqual([
    { commit: [placed(0, 7), placed(1, 9)] },
    { seek: placed(0, 7) },
    { seek: placed(1, 9) },
    resumed(0, 1),
  ]);
});

test('a group that has begun since it was looked for goes on where it is', async () => {
  const consumer = new FakeConsumer();
  const committed = new Map<number, number>();
  const { joined } = await joining(consumer, await startOf(adminOf([7, 9], committed)));
  // Another member was faster, and has handled some.
  committed.set(0, 8);
  consumer.assign(topic, [0, 1]);
  await joined;
  expect(consumer.calls).toEqual([paused(0, 1), { commit: [placed(1, 9)] }, { seek: placed(1, 9) }, resumed(0, 1)]);
});

test('a group that has begun in one partition begins with the first message in those that were added', async () => {
  const consumer = new FakeConsumer();
  const { joined } = await joining(consumer, await startOf(adminOf([7, 9], new Map([[0, 3]]))));
  consumer.assign(topic, [0, 1]);
  await joined;
  expect(consumer.calls).toEqual([]);
});

test('a start that a rebalance has kept from being written down is written down by who gets the partition, and by nobody else', async () => {
  const consumer = new FakeConsumer();
  const { joined } = await joining(consumer, await startOf(adminOf([7, 9], new Map())));
  consumer.refusals.push(answer('REBALANCE_IN_PROGRESS'));
  consumer.assign(topic, [0, 1]);
  await moment();
  consumer.assign(topic, [1]);
  await joined;
  expect(consumer.calls.slice(2)).toEqual([resumed(0, 1), paused(1), { commit: [placed(1, 9)] }, { seek: placed(1, 9) }, resumed(1)]);
});

test('a start that cannot be written down is TW_TRANSPORT', async () => {
  const consumer = new FakeConsumer();
  const { joined } = await joining(consumer, await startOf(adminOf([7], new Map())));
  consumer.refusals.push(answer('GROUP_AUTHORIZATION_FAILED'));
  consumer.assign(topic, [0]);
  const error: unknown = await joined.catch((reason: unknown) => reason);
  expect(isTracewrightError(error, 'TW_TRANSPORT') && error.data).toEqual({ system: 'kafka', destination: topic, groupId: 'g/orders' });
});

test('a partition that waits for one message is paused, keeps no other one waiting, and goes on when that is committed', async () => {
  const consumer = new FakeConsumer();
  const { membership, joined } = await joining(consumer);
  consumer.assign(topic, [0, 1]);
  await joined;
  const full = consumer.hand({ partition: 0, count: 10_300 });
  const [head, ...others] = membership.partitions.take(10_000);
  for (const taken of others) taken.log.settle(taken);
  membership.wake();
  // It waits no more, though 300 messages do.
  await full;
  expect(consumer.calls).toEqual([paused(0)]);
  void consumer.hand({ partition: 1 });
  expect(membership.partitions.take(10).map(({ log }) => log.partition)).toEqual([1]);
  if (head !== undefined) head.log.settle(head);
  await membership.commit();
  expect(consumer.calls.slice(1)).toEqual([{ commit: [placed(0, 10_000)] }, resumed(0)]);
  expect(membership.partitions.takable).toBe(300);
});
