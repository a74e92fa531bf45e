import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { type Scope, stopOnSignals } from 'tracewright';
import { defineComponent } from 'tracewright/component';
import { fakeClock, recordTraces, testTransport } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { consumerOf, openShop, order, take } from '../message-shop.ts';
import { recordPlain } from '../plain-recording.ts';
import { silence, someTurns } from '../waiting.ts';

const workMs = 1000;
const drainTimeoutMs = 10_000;
/** Each is held for so long that nothing comes again by itself. */
const ackTimeoutMs = 600_000;
const ids = ['ends', 'hears', 'hangs', 'waits'];

/** Ends well in time, ends when it is told to, or never. */
function handle({ id }: { readonly id: string }, { clock, signal }: Scope): Promise<void> {
  if (id === 'hangs') return silence();
  return clock.sleep(id === 'hears' ? ackTimeoutMs : workMs, { signal });
}

export const inFlightMessagesLostAtExit = defineCase({
  id: 'in-flight-messages-lost-at-exit',
  title: 'An orchestrator sends SIGTERM while messages are handled',
  source: 'pain',
  guarantee: 11,
  plain: {
    breakage:
      'spans are flushed and the process exits: those of the messages in work are lost, and the broker hears nothing until its deadline',
    async run() {
      const clock = fakeClock();
      const broker = testTransport({ clock });
      const plain = recordPlain();
      const source = await consumerOf(broker, 'orders');
      const exited = new AbortController();
      const programme = new EventEmitter().on('SIGTERM', () => void plain.provider.forceFlush().then(() => exited.abort()));
      for (const id of ids) await broker.send('orders', { id }, { id });
      for (const delivery of await take(source, ids.length)) {
        void plain.tracer.startActiveSpan('process orders', async (span) => {
          await clock.sleep(workMs);
          // Nothing goes on in a process that has exited.
          if (exited.signal.aborted) return;
          await delivery.ack();
          span.end();
        });
      }
      programme.emit('SIGTERM');
      await someTurns();
      assert.ok(exited.signal.aborted);
      await clock.advance(workMs);
      assert.deepEqual(broker.settled('orders'), []);
      assert.deepEqual([plain.spans, plain.open.length], [[], ids.length]);
    },
  },
  tracewright: {
    promise:
      'what is in work ends and is acknowledged; what hangs is cut off and, like what waits, given back; every span has ended and says so',
    async run() {
      const clock = fakeClock();
      const transport = testTransport({ clock, ackTimeoutMs });
      using traces = recordTraces({ clock });
      const shop = defineComponent({
        name: 'shop',
        interests: { orders: order },
        bootstrap: (_l, link) => void link.subscribe('orders', handle, { concurrency: 3, prefetch: 4 }),
      });
      const { lifecycle, done } = await openShop([shop], { runtime: traces.runtime(), transport, clock, drainTimeoutMs });
      for (const id of ids) await transport.send('orders', { id }, { id });
      await clock.advance(0);
      const programme = Object.assign(new EventEmitter(), { kill: () => assert.fail('the process was killed') });
      using _watch = stopOnSignals(lifecycle, { process: programme, terminateAfterMs: 5000, settleMs: 0 });
      programme.emit('SIGTERM', 'SIGTERM');
      await clock.advance(2 * drainTimeoutMs);
      const { status, stuck } = await done;
      const spans = traces.spans.filter(({ name }) => name === 'process orders');
      assert.deepEqual(
        spans.map(({ attributes }) => [
          attributes['messaging.message.id'],
          attributes['tracewright.settled'],
          attributes['error.type'],
          attributes['tracewright.cancelled_by'],
        ]),
        [
          ['ends', 'ack', undefined, undefined],
          ['hears', 'retry', 'TW_CANCELLED', 'shutdown'],
          ['hangs', undefined, 'span_not_ended', undefined],
        ],
      );
      assert.ok(stuck.includes('mall/shop/orders > process orders'));
      assert.deepEqual([status, traces.open, clock.pending], ['terminated', [], 0]);
      const back = await take(await consumerOf(transport, 'orders', 'mall/shop'), ids.length);
      assert.deepEqual(
        back.map(({ id }) => id),
        ['hears', 'hangs', 'waits'],
      );
    },
  },
});
