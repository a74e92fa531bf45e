import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { hookType } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

test('G7: names in labels of metrics pass the gate', async () => {
  using traces = recordTraces();
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meterProvider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 })] });
  const redact = (text: string, place: string): string => (place === 'metric' ? text.replace('ada', '…') : text);
  const runtime = traces.runtime({ meterProvider, content: { content: 'pass', redact } });
  const asked = hookType<{ readonly text: string }>()('asked by ada');
  runtime.hooks.add({
    hook: asked,
    run: () => {
      throw new Error('hook failed');
    },
    onFailure: 'open',
  });
  await runtime.run('work', async (scope) => scope.fire(asked, () => ({ text: 'x' })));
  await meterProvider.forceFlush();
  const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  const labels = metrics.flatMap(({ dataPoints }) => dataPoints.map(({ attributes }: { readonly attributes: object }) => attributes));
  expect(labels).toContainEqual({ 'tracewright.hook.name': 'asked by …', 'tracewright.hook.outcome': 'error' });
  await meterProvider.shutdown();
});
