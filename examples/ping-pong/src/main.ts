import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { buildTraces, renderTraces } from '@tracewright/check';
import { createRuntime, exitCode, stopOnSignals } from 'tracewright';
import { deploy, memoryTransport } from 'tracewright/component';
import { startTelemetry } from 'tracewright/otel';
import { toSpanRecord } from 'tracewright/testing';
import { ping } from './ping.ts';
import { pong } from './pong.ts';
import { defineUmpire } from './umpire.ts';

/**
 * Three components that play ping-pong on a broker in memory. `--once` plays one rally and prints its traces; without it they play until Ctrl-C, one stroke a
 * second, and send their traces to `OTEL_EXPORTER_OTLP_ENDPOINT` where that is set.
 */

const once = process.argv.includes('--once');
const spans = new InMemorySpanExporter();
const telemetry = await startTelemetry({ serviceName: 'ping-pong', spanProcessors: once ? [new SimpleSpanProcessor(spans)] : [] });
const runtime = createRuntime({ service: { name: 'ping-pong' } });

const umpire = defineUmpire((strokes, isLast) => {
  if (!once) console.log(`a rally of ${strokes} strokes`);
  if (isLast) void deployment.stop();
});
const footprint = {
  identifier: 'd7a4a3a6-9f5b-4bfb-8f5e-0d1f6f6b7f3e',
  revision: 1,
  name: 'table',
  allocations: [
    { component: 'ping', options: once ? { strokes: 2 } : { strokes: 5, intervalMs: 1000 } },
    { component: 'pong' },
    { component: 'umpire', options: { rallies: once ? 1 : 1_000_000 } },
  ],
};
const deployment = await deploy(footprint, { runtime, components: [ping, pong, umpire], transport: memoryTransport() });
stopOnSignals(deployment.lifecycle, { terminateAfterMs: 5000 });
const outcome = await deployment.done;
await runtime.close();
if (once)
  console.log(
    renderTraces(buildTraces(spans.getFinishedSpans().map((span) => toSpanRecord(span))), {
      attributes: ['component.path', 'tracewright.settled'],
    }),
  );
await telemetry.close();
process.exitCode = exitCode(outcome);
