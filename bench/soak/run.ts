import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { createRuntime, isTracewrightError } from 'tracewright';
import { deploy } from 'tracewright/component';
import { exitOnSignals } from '../exit-on-signals.ts';
import { judge } from './bounds.ts';
import { heapAfterCollection } from './heap-after-collection.ts';
import { soakBounds } from './soak-bounds.ts';
import { sinkOf, sourceOf } from './soak-components.ts';
import { readSoakOptions, soakHelp, type SoakOptions } from './soak-options.ts';
import { openTransport, type SoakTransport } from './soak-transport.ts';
import { SpanCounter } from './span-counter.ts';
import { Tally } from './tally.ts';

/** The program behind `npm run soak`. Exit code 1: a bound is broken. 2: it could not run. */

/** When nothing is handled for so long, the rest is lost: what a broker may take to deliver again has passed by then. Milliseconds. */
const stallMs = 60_000;
const drainMs = 60_000;

exitOnSignals();
try {
  const options = readSoakOptions(process.argv.slice(2));
  if (options === undefined) console.log(soakHelp);
  else await main(options);
} catch (error: unknown) {
  if (!isTracewrightError(error)) throw error;
  console.error(`soak: ${error.message}`);
  process.exitCode = 2;
}

async function main(options: SoakOptions): Promise<void> {
  const transport = await openTransport(options.transport);
  try {
    await soak(options, transport);
  } finally {
    await transport.dispose();
  }
}

async function soak(options: SoakOptions, { transport, senders }: SoakTransport): Promise<void> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const counter = new SpanCounter();
  const runtime = createRuntime({ tracerProvider: new BasicTracerProvider({ spanProcessors: [counter] }) });
  const tally = new Tally(options.messages);
  const heaps: number[] = [];
  const tenth = Math.floor(options.messages / 10);
  const report = reporter(tally, counter);
  const onFirst = (): void => {
    if (tally.handled % tenth === 0 && heaps.length < 10) heaps.push(report());
  };
  const footprint = { identifier: 'soak', revision: 1, allocations: [{ component: 'sink' }, { component: 'source' }] };
  const components = [sinkOf(options, tally, onFirst), sourceOf(options, tally, senders)];
  const deployment = await deploy(footprint, { runtime, components, transport });
  await deployment.ready;
  await tally.complete(stallMs);
  if (!(await deployment.stop({ timeoutMs: drainMs }))) deployment.lifecycle.terminate();
  await deployment.done;
  if (tally.repeated > 0) console.log(`${tally.repeated} handled again: ${tally.repeated - tally.unexplained} were delivered again`);
  const { lines, allHold } = judge(soakBounds(options, { tally, counter, heaps, senders }));
  console.log(lines.join('\n'));
  if (!allHold) process.exitCode = 1;
  await runtime.close();
}

/** What reports where the run has come to, and returns the heap in megabytes. */
function reporter(tally: Tally, counter: SpanCounter): () => number {
  let since = performance.now();
  let before = 0;
  return () => {
    const perSecond = Math.round(((tally.handled - before) * 1000) / (performance.now() - since));
    const heap = heapAfterCollection();
    const { open, mostTraces, largestTrace } = counter;
    console.log(
      `${tally.handled}: ${perSecond}/s, heap ${heap.toFixed(1)} MB, ${open} spans open, at most ${mostTraces} traces at once, ${largestTrace} spans in the largest`,
    );
    since = performance.now();
    before = tally.handled;
    return heap;
  };
}
