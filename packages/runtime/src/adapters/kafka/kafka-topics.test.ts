import { isTracewrightError } from 'tracewright';
import { expect, test } from 'vitest';
import { requireSettings } from './kafka-options.ts';
import { KafkaTopics, type TopicAdmin, type TopicAsker } from './kafka-topics.ts';

type Created = Parameters<TopicAdmin['createTopics']>[0];

/** What the client's admin does, with what it was asked for. The mock cluster of the other tests cannot create topics. */
function adminOf(existing: readonly string[], refusal?: Error): TopicAdmin & { readonly created: Created[]; looks: number } {
  const there = [...existing];
  return {
    created: [],
    looks: 0,
    async listTopics() {
      this.looks += 1;
      return there;
    },
    async createTopics(given) {
      this.created.push(given);
      if (refusal !== undefined) throw refusal;
      there.push(...given.topics.map(({ topic }) => topic));
      return true;
    },
    async fetchTopicMetadata() {
      throw new Error('no metadata');
    },
  };
}

const asking = (admin: TopicAdmin): TopicAsker => ({ use: (work) => work(admin) });

const settingsOf = (topics: object): ReturnType<typeof requireSettings> => requireSettings({ brokers: 'a:9092', topics });

test('a topic that is there is left as it is, and looked for once', async () => {
  const admin = adminOf(['orders']);
  const topics = new KafkaTopics(asking(admin), settingsOf({}));
  await Promise.all([topics.ensure('orders'), topics.ensure('orders')]);
  await topics.ensure('orders');
  expect([admin.looks, admin.created]).toEqual([1, []]);
});

test('a topic that is missing is created as was asked for, once for all who wait', async () => {
  const admin = adminOf([]);
  const config = { 'retention.ms': '60000' };
  const topics = new KafkaTopics(asking(admin), settingsOf({ partitions: 6, replicationFactor: 3, config }));
  await Promise.all([topics.ensure('orders'), topics.ensure('orders')]);
  const configEntries = [{ name: 'retention.ms', value: '60000' }];
  expect(admin.created).toEqual([
    { topics: [{ topic: 'orders', numPartitions: 6, replicationFactor: 3, configEntries }], timeout: 10_000 },
  ]);
});

test('what is not said about a topic is left to the broker', async () => {
  const admin = adminOf([]);
  await new KafkaTopics(asking(admin), settingsOf({})).ensure('orders');
  expect(admin.created[0]?.topics).toEqual([{ topic: 'orders', configEntries: [] }]);
});

test('a topic that cannot be created gives TW_TRANSPORT with what the broker says, and is tried again', async () => {
  const refusal = Object.assign(new Error('Topic creation errors'), { errors: [new Error('Not authorized to access topics')] });
  const admin = adminOf([], refusal);
  const topics = new KafkaTopics(asking(admin), settingsOf({}));
  for (let round = 1; round <= 2; round += 1) {
    const error: unknown = await topics.ensure('orders').catch((reason: unknown) => reason);
    expect(isTracewrightError(error, 'TW_TRANSPORT') && error.message).toBe(
      'there is no topic "orders", and it could not be created: Error: Not authorized to access topics',
    );
    expect(admin.created).toHaveLength(round);
  }
});

test('brokers that nobody can tell to create topics are asked about one, and the first refusal is what is said', async () => {
  const refusal = Object.assign(new Error('no CreateTopics'), { name: 'KafkaJSServerDoesNotSupportApiKey' });
  const failing = new KafkaTopics(asking(adminOf([], refusal)), settingsOf({}));
  await expect(failing.ensure('orders')).rejects.toThrow('no CreateTopics');
  const creating = new KafkaTopics(asking({ ...adminOf([], refusal), fetchTopicMetadata: async () => ({ topics: [] }) }), settingsOf({}));
  await expect(creating.ensure('orders')).resolves.toBeUndefined();
});
