import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { createRuntime, exitCode, stopOnSignals } from 'tracewright';
import { deploy, memoryTransport } from 'tracewright/component';
import { startTelemetry } from 'tracewright/otel';
import { fakeClock, toSpanRecord } from 'tracewright/testing';
import { intake } from './intake.ts';
import { defineLedger } from './ledger.ts';
import { perRound } from './round.ts';
import { till } from './till.ts';
import { traceText } from './trace-text.ts';
import { defineUndertaker } from './undertaker.ts';

/**
 * A shop on a broker in memory. `--once` plays one round of orders on a clock that waits for nobody, and prints the traces; without it a round is played every ten
 * seconds until Ctrl-C, and traces go to `OTEL_EXPORTER_OTLP_ENDPOINT` where that is set.
 */

const once = process.argv.includes('--once');
const clock = once ? fakeClock() : undefined;
const spans = new InMemorySpanExporter();
const telemetry = await startTelemetry({ serviceName: 'shop', spanProcessors: once ? [new SimpleSpanProcessor(spans)] : [] });
const runtime = createRuntime({ service: { name: 'shop' }, clock });

let ended = 0;
/** All that was ordered is booked or given up in the end. */
function end(orders: number): void {
  ended += orders;
  if (once && ended === perRound.orders) void deployment.stop();
}
const ledger = defineLedger((orders) => {
  if (!once) console.log(`booked ${orders.join(', ')}`);
  end(orders.length);
});
const undertaker = defineUndertaker(({ id, reason, attempts, origin }) => {
  console.log(`${id} was given up: ${reason}, after ${attempts === 1 ? '1 try' : `${attempts} tries`}, at ${origin}`);
  end(1);
});

const footprint = {
  identifier: '5f0c6f0e-3d0b-4c59-9e2a-7a1c8b4d2f60',
  revision: 1,
  name: 'shop',
  allocations: [
    { component: 'ledger' },
    { component: 'undertaker', bindings: { dead: 'shop.orders.dead' } },
    { component: 'till', bindings: { orders: 'shop.orders' } },
    {
      component: 'intake',
      options: { rounds: once ? 1 : 1_000_000, everyMs: 10_000 },
      bindings: { orders: 'shop.orders', letters: 'shop.orders' },
    },
  ],
};
const components = [ledger, undertaker, till, intake];
const deployment = await deploy(footprint, { runtime, components, transport: memoryTransport({ clock }) });
stopOnSignals(deployment.lifecycle, { terminateAfterMs: 5000 });
if (clock !== undefined) {
  const over = new AbortController();
  void deployment.done.then(() => over.abort());
  while (!over.signal.aborted) await clock.advance(100);
}
const outcome = await deployment.done;
await runtime.close();
if (once) console.log(`\n${traceText(spans.getFinishedSpans().map((span) => toSpanRecord(span)))}`);
await telemetry.close();
process.exitCode = exitCode(outcome);
