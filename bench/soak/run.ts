import { EventEmitter, once } from 'node:events';
import { parseArgs } from 'node:util';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { createRuntime } from 'tracewright';
import { defineComponent, deploy, memoryTransport } from 'tracewright/component';
import { type Numbered, numbered } from './numbered.ts';
import { SpanCounter } from './span-counter.ts';

/**
 * Sends many messages through one subscription, and reports every tenth of them: heap, spans, open traces. At the end each message is accounted for. Exit code 1 where
 * one was lost or came twice, or a span is open. Run it with `--expose-gc`, or the heap says little.
 */

const bytesPerMegabyte = 1_048_576;
const { values } = parseArgs({
  options: { messages: { type: 'string', default: '1000000' }, concurrency: { type: 'string', default: '8' } },
});
const total = Number(values.messages);
const concurrency = Number(values.concurrency);
/** How many messages may be under way: whoever sends waits for whoever receives. */
const window = 1000;

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const counter = new SpanCounter();
const runtime = createRuntime({ tracerProvider: new BasicTracerProvider({ spanProcessors: [counter] }) });

const times = new Uint8Array(total);
let handled = 0;
const progress = new EventEmitter();
const report = reporter();

const sink = defineComponent({
  name: 'sink',
  interests: { numbers: numbered },
  bootstrap(_l, link) {
    link.subscribe(
      'numbers',
      ({ payload }) => {
        times[payload.n] = (times[payload.n] ?? 0) + 1;
        handled += 1;
        progress.emit('handled');
        if (handled % Math.ceil(total / 10) === 0) report();
      },
      { concurrency, prefetch: 100 },
    );
  },
});
const source = defineComponent({
  name: 'source',
  aspects: { numbers: numbered },
  bootstrap(l, link) {
    l.fork('send', async () => {
      for (let n = 0; n < total; n += 1) {
        while (mustWait(n)) await once(progress, 'handled');
        await link.publish('numbers', { n } satisfies Numbered);
      }
    });
  },
});

const footprint = { identifier: 'soak', revision: 1, allocations: [{ component: 'sink' }, { component: 'source' }] };
const deployment = await deploy(footprint, { runtime, components: [sink, source], transport: memoryTransport() });
await deployment.ready;
while (isUnderWay()) await once(progress, 'handled');
await deployment.stop();
const lost = times.filter((count) => count === 0).length;
const twice = times.filter((count) => count > 1).length;
console.log(
  `${handled} handled, ${lost} lost, ${twice} more than once, ${counter.open} spans open, the largest trace had ${counter.largestTrace} spans`,
);
process.exitCode = lost + twice + counter.open === 0 ? 0 : 1;

/** Whether too many messages are under way for another one. */
function mustWait(sent: number): boolean {
  return sent - handled >= window;
}

function isUnderWay(): boolean {
  return handled < total;
}

function reporter(): () => void {
  let since = process.hrtime.bigint();
  let before = 0;
  return () => {
    globalThis.gc?.();
    const now = process.hrtime.bigint();
    const perSecond = Math.round(((handled - before) * 1e9) / Number(now - since));
    const heap = (process.memoryUsage().heapUsed / bytesPerMegabyte).toFixed(1);
    console.log(
      `${handled}: ${perSecond}/s, heap ${heap} MB, ${counter.open} spans open, at most ${counter.mostTraces} traces open at once`,
    );
    since = process.hrtime.bigint();
    before = handled;
  };
}
