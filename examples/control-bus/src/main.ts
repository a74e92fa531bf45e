import { readdir, readFile } from 'node:fs/promises';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { createRuntime, exitCode, stopOnSignals } from 'tracewright';
import { deploy, joinReplicaSet, memoryTransport, type ReplicaStatus } from 'tracewright/component';
import { startTelemetry } from 'tracewright/otel';
import { toSpanRecord } from 'tracewright/testing';
import { defineAuthor } from './author.ts';
import { kettle, waiter } from './teahouse.ts';
import { traceText } from './trace-text.ts';

/**
 * A replica that takes its footprints from a topic, and an author who sends the orders in `orders/`, one after the other: a good one, one with a mistake, a further
 * revision, one that does not come up, one that is late, and the removal. `--once` prints the traces after that; without it, the replica stays until Ctrl-C.
 */

const once = process.argv.includes('--once');
const spans = new InMemorySpanExporter();
const telemetry = await startTelemetry({ serviceName: 'control-bus', spanProcessors: once ? [new SimpleSpanProcessor(spans)] : [] });
const runtime = createRuntime({ service: { name: 'control-bus' } });
const transport = memoryTransport();

const member = await joinReplicaSet({ name: 'workers', replica: 'one', runtime, components: [kettle, waiter], transport });
await member.ready;

const folder = new URL('../orders/', import.meta.url);
const files = (await readdir(folder)).toSorted((one, other) => one.localeCompare(other));
const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')));
const author = defineAuthor(texts, (status, isLast) => {
  console.log(told(status));
  if (isLast && once) void office.stop();
});
const bindings = { control: 'tracewright.control', status: 'tracewright.status' };
const footprint = { identifier: 'office', revision: 1, name: 'office', allocations: [{ component: 'author', bindings }] };
const office = await deploy(footprint, { runtime, components: [author], transport });
stopOnSignals(office.lifecycle, { terminateAfterMs: 5000 });
await office.done;
await member.stop();
const outcome = await member.done;
await runtime.close();
if (once) console.log(`\n${traceText(spans.getFinishedSpans().map((span) => toSpanRecord(span)))}`);
await telemetry.close();
process.exitCode = exitCode(outcome);

/** A status in one line. */
function told({ kind, replica, footprint: about, error, applied }: ReplicaStatus): string {
  const what = about === undefined ? '' : ` ${about.identifier}${about.revision === undefined ? '' : ` ${about.revision}`}`;
  const change =
    applied === undefined ? '' : `: started ${applied.started.join(', ') || 'nothing'}, kept ${applied.kept.join(', ') || 'nothing'}`;
  return `${replica}: ${kind}${what}${change}${error === undefined ? '' : `: ${error.message}`}`;
}
