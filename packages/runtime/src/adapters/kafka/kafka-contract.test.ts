import { kafka } from 'tracewright/kafka';
import { transportContract, type TransportUnderTest } from 'tracewright/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { hasty, isMockClusterMissing, MockCluster, subscribingAgain } from './mock-cluster.test-kit.ts';

// Most of their time is waiting for groups.
describe.skipIf(isMockClusterMissing()).concurrent('the Kafka transport keeps the contract of transports:', () => {
  const cluster = new MockCluster();
  beforeAll(() => cluster.start());
  afterAll(() => cluster.kill());

  let destinations = 0;
  const setUp = async (): Promise<TransportUnderTest> => ({
    transport: subscribingAgain(kafka({ brokers: cluster.brokers, ...hasty })),
    destination: () => `contract.case-${(destinations += 1)}`,
    advance: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    dispose: async () => undefined,
  });
  const { capabilities } = kafka({ brokers: 'nowhere:9092' });
  for (const { title, run } of transportContract(setUp, { capabilities, patienceMs: 20_000 })) test(title, run);
});
