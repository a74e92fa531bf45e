import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import {
  type Component,
  type Delivery,
  type Deployment,
  type DeploymentRuntime,
  deploy,
  type MessageSource,
  type StandardSchemaV1,
} from 'tracewright/component';
import type { FakeClock, TestTransport } from 'tracewright/testing';

/** Nobody gives up waiting. */
const { signal } = new AbortController();

export interface Order {
  readonly id: string;
}

/** A schema without a library, which takes whatever has an id. */
export const order: StandardSchemaV1<Order, Order> = {
  '~standard': {
    version: 1,
    vendor: 'corpus',
    validate: (value) =>
      typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'
        ? { value: { id: value.id } }
        : { issues: [{ message: 'expected an order' }] },
  },
};

/** What the client of a broker gives to whoever uses it without a framework. */
export async function consumerOf(broker: TestTransport, destination: string, group = 'shop'): Promise<MessageSource> {
  const connection = await broker.connect({ clientName: 'plain', signal });
  return connection.subscribe(destination, { group, prefetch: 10, signal });
}

/** The next `count` messages, which are there already. */
export function take(source: MessageSource, count = 1): Promise<readonly Delivery[]> {
  return source.receive(count, signal);
}

export interface ShopSetting {
  readonly runtime: DeploymentRuntime;
  readonly transport: TestTransport;
  readonly clock: FakeClock;
  readonly drainTimeoutMs?: number | undefined;
}

/** One instance of each component, ready. */
export async function openShop(components: readonly Component[], { clock, ...setting }: ShopSetting): Promise<Deployment> {
  const allocations = components.map(({ name }) => ({ component: name }));
  const deployment = await deploy({ identifier: 'mall', revision: 1, name: 'mall', allocations }, { ...setting, components });
  await clock.advance(0);
  await deployment.ready;
  return deployment;
}

/** Asks for the end, and waits for it. */
export async function closeShop(deployment: Deployment, clock: FakeClock): Promise<void> {
  const stopped = deployment.stop();
  await clock.advance(0);
  await stopped;
}

export interface DurationWatch extends SpanProcessor {
  /** Of each span, in milliseconds, in the order of their ends. */
  readonly durationsMs: readonly number[];
}

export function watchDurations(): DurationWatch {
  const durationsMs: number[] = [];
  return {
    durationsMs,
    onStart() {},
    onEnd({ duration: [seconds, nanoseconds] }) {
      durationsMs.push(seconds * 1000 + nanoseconds / 1e6);
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}
