import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { main } from 'tracewright/component';
import { startTelemetry } from 'tracewright/otel';
import { toSpanRecord } from 'tracewright/testing';
import { ping, pong } from './players.ts';
import { defineProbe } from './probe.ts';
import { traceText } from './trace-text.ts';

/**
 * A program of three components, and the footprint that it carries along. `--help` shows all that can be said: everything in one process, or one component each over
 * NATS. `--once` plays two balls and prints the traces.
 */

const once = process.argv.includes('--once');
const rest = process.argv.filter((argument) => argument !== '--once');
const spans = new InMemorySpanExporter();
// What a program starts itself stays its own: `main` leaves it alone.
const telemetry = await startTelemetry({
  serviceName: 'table',
  exporters: once ? 'none' : {},
  spanProcessors: once ? [new SimpleSpanProcessor(spans)] : [],
});

const probe = defineProbe({
  onBall: (n) => console.log(`ball ${n} came back`),
  onSilence: (ms) => console.log(`no ball for ${ms} ms`),
  // As an orchestrator would.
  onEnough: () => process.kill(process.pid, 'SIGTERM'),
});
const source = fileURLToPath(new URL('../table.yaml', import.meta.url));
await main({
  name: 'embed',
  components: [ping, pong, probe],
  footprint: { text: await readFile(source, 'utf8'), source: 'table.yaml' },
  argv: once ? [...rest, '--log-level', 'warn', '--ping.intervalMs', '20', '--ping.balls', '2', '--probe.balls', '2'] : rest,
});
if (once) console.log(`\n${traceText(spans.getFinishedSpans().map((span) => toSpanRecord(span)))}`);
await telemetry.close();
