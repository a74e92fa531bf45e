import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { defineComponent, deploy, memoryTransport } from 'tracewright/component';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

test('what becomes of messages is counted by the names of the convention, and leaves nothing in flight', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meterProvider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 })] });
  const runtime = traces.runtime({ clock, meterProvider });
  const order = z.object({ id: z.number() });
  const shop = defineComponent({
    name: 'shop',
    aspects: { orders: order },
    interests: { orders: order },
    async bootstrap(_l, link) {
      const refuses = async ({ payload }: { readonly payload: { readonly id: number } }): Promise<void> => {
        await clock.sleep(500);
        if (payload.id === 2) throw new RangeError('no such order');
      };
      await link.subscribe('orders', refuses, { retry: { maxAttempts: 1 } }).ready;
      await link.publish('orders', { id: 1 });
      await link.publish('orders', { id: 2 });
      await link.publish('orders', { id: 'x' as never }).catch(() => undefined);
    },
  });
  const given = { identifier: 'fp', revision: 1, allocations: [{ component: 'shop' }] };
  const deployment = await deploy(given, { runtime, components: [shop], transport: memoryTransport({ clock }) });
  await deployment.ready;
  await clock.advance(2000);
  await deployment.stop();
  await meterProvider.forceFlush();

  const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  const pointsOf = (name: string): unknown[] =>
    metrics
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) =>
        dataPoints.map(({ attributes, value }: { attributes: object; value: unknown }) => ({ ...attributes, value })),
      );
  const to = { 'messaging.system': 'memory', 'messaging.destination.name': 'orders' };
  const from = { ...to, 'messaging.consumer.group.name': 'fp/shop' };
  expect(pointsOf('messaging.client.sent.messages')).toEqual([
    { ...to, value: 2 },
    { ...to, 'error.type': 'TW_BAD_PAYLOAD', value: 1 },
    { ...to, 'messaging.destination.name': 'orders.dead', value: 1 },
  ]);
  expect(pointsOf('messaging.client.consumed.messages')).toEqual([
    { ...from, 'tracewright.settled': 'ack', value: 1 },
    { ...from, 'tracewright.settled': 'dead_letter', value: 1 },
  ]);
  expect(pointsOf('messaging.process.duration')).toMatchObject([
    { ...from, value: { count: 1, sum: 0.5 } },
    { ...from, 'error.type': 'RangeError', value: { count: 1, sum: 0.5 } },
  ]);
  expect(pointsOf('tracewright.message.lag')).toMatchObject([{ ...from, value: { count: 2, sum: 0.5 } }]);
  expect(pointsOf('tracewright.message.in_flight')).toEqual([{ ...from, value: 0 }]);
  await meterProvider.shutdown();
});
