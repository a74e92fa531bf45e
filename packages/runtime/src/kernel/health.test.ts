import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

test('G10: what is cut off a span, and what an owner had to end, is counted', async () => {
  using traces = recordTraces();
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meterProvider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 })] });
  const runtime = traces.runtime({ meterProvider, limits: { linksPerSpan: 1 } });
  const context = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
  await runtime.run({ name: 'linked', links: [{ context }, { context }, { context }] }, (scope) => {
    void scope.run('not awaited', () => new Promise(() => undefined));
  });
  await meterProvider.forceFlush();
  const counts = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    .map(({ descriptor, dataPoints }) => [descriptor.name, descriptor.unit, dataPoints[0]?.value]);
  expect(counts).toEqual([
    ['tracewright.link.dropped', '{link}', 2],
    ['tracewright.operation.not_ended', '{operation}', 1],
  ]);
  await meterProvider.shutdown();
});

test('G9: a meter provider that throws changes no result', async () => {
  using traces = recordTraces();
  const meterProvider = {
    getMeter: () => {
      throw new Error('no meter');
    },
  };
  const work = traces.runtime({ meterProvider }).run('work', (scope) => {
    void scope.run('not awaited', () => new Promise(() => undefined));
    return 1;
  });
  await expect(work).resolves.toBe(1);
});
