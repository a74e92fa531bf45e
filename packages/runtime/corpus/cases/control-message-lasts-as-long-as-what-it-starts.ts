import assert from 'node:assert/strict';
import type { Tracer } from '@opentelemetry/api';
import { defineComponent, joinReplicaSet, type MessageSource } from 'tracewright/component';
import { fakeClock, recordTraces, testTransport } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { consumerOf, order, take } from '../message-shop.ts';
import { recordPlain } from '../plain-recording.ts';
import { linkedFrom, parentsOf, traceCount } from '../seen-span.ts';

const ids = ['A-1', 'A-2', 'A-3'];
const footprint = { identifier: 'shop', revision: 1, allocations: [{ component: 'till' }] };
const ackTimeoutMs = 30_000;

/** A component that takes orders until it is told to end. */
async function runTill(tracer: Tracer, source: MessageSource, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const delivery of await source.receive(1, signal)) {
      await tracer.startActiveSpan('process orders', async (span) => {
        await delivery.ack();
        span.end();
      });
    }
  }
}

export const controlMessageLastsAsLongAsWhatItStarts = defineCase({
  id: 'control-message-lasts-as-long-as-what-it-starts',
  title: 'A message says which components to run, and its handler runs them',
  source: 'pain',
  guarantee: 2,
  plain: {
    breakage:
      'the span of the message is open for as long as they run, has all that they do below it, and the message comes again meanwhile',
    async run() {
      const clock = fakeClock();
      const broker = testTransport({ clock, ackTimeoutMs });
      const plain = recordPlain();
      const [control, orders] = [await consumerOf(broker, 'control'), await consumerOf(broker, 'orders')];
      const stop = new AbortController();
      const id = await broker.send('control', footprint);
      const [command] = await take(control);
      const handling = plain.tracer.startActiveSpan('process control', async (span) => {
        await runTill(plain.tracer, orders, stop.signal);
        await command?.ack();
        span.end();
      });
      for (const each of ids) await broker.send('orders', { id: each });
      await clock.advance(ackTimeoutMs);
      assert.deepEqual(plain.open, ['process control']);
      assert.deepEqual(parentsOf(plain.spans, 'process orders'), ['missing', 'missing', 'missing']);
      assert.equal(traceCount(plain.spans), 1);
      const [again] = await take(control);
      assert.deepEqual([again?.id, again?.attempt], [id, 2]);
      stop.abort();
      await handling;
    },
  },
  tracewright: {
    promise: 'the message is done with before anything starts; the start and each order are traces of their own, and nothing stays open',
    async run() {
      const clock = fakeClock();
      const transport = testTransport({ clock, ackTimeoutMs });
      using traces = recordTraces({ clock });
      const openAtStart: string[] = [];
      const settledAtStart: string[] = [];
      const till = defineComponent({
        name: 'till',
        interests: { orders: order },
        bootstrap(_l, link) {
          openAtStart.push(...traces.open.map(({ name }) => name));
          settledAtStart.push(...transport.settled('tracewright.control').map(({ id, settlement }) => `${id} ${settlement}`));
          link.subscribe('orders', () => undefined);
        },
      });
      const member = await joinReplicaSet({ name: 'set', replica: 'one', runtime: traces.runtime(), components: [till], transport });
      await clock.advance(0);
      await member.ready;
      const id = await transport.send('tracewright.control', footprint);
      await clock.advance(0);
      assert.deepEqual([openAtStart, settledAtStart], [['footprint.apply', 'till.bootstrap'], [`${id} ack`]]);
      for (const each of ids) await transport.send('orders', { id: each });
      await clock.advance(ackTimeoutMs);
      assert.deepEqual(parentsOf(traces.spans, 'process orders'), ['none', 'none', 'none']);
      assert.deepEqual([traces.find('process tracewright.control').parentSpanId, traces.open], [undefined, []]);
      assert.ok(linkedFrom(traces.spans, 'footprint.apply').includes('process tracewright.control'));
      const stopped = member.stop();
      await clock.advance(0);
      await stopped;
      assert.deepEqual([traces.open, clock.pending], [[], 0]);
    },
  },
});
