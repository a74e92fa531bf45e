import assert from 'node:assert/strict';
import { SpanStatusCode } from '@opentelemetry/api';
import { type BatchHandler, defineComponent } from 'tracewright/component';
import { fakeClock, recordTraces, testTransport } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { closeShop, consumerOf, openShop, type Order, order, take } from '../message-shop.ts';
import { recordPlain } from '../plain-recording.ts';

const ids = ['A-1', 'A-2', 'A-3'];

/** A shop that has none of the second at first, and keeps a book of what it has charged. */
function openTill(): { readonly charged: string[]; charge(id: string): void } {
  const charged: string[] = [];
  let isStocked = false;
  return {
    charged,
    charge(id) {
      if (id === 'A-2' && !isStocked) {
        isStocked = true;
        throw new Error('no stock');
      }
      charged.push(id);
    },
  };
}

export const batchFailsAsAWholeForOneMessage = defineCase({
  id: 'batch-fails-as-a-whole-for-one-message',
  title: 'One message of a batch cannot be handled',
  source: 'pain',
  guarantee: 6,
  plain: {
    breakage: 'the whole batch has failed and comes again, so that what went well is done twice, and no span says which message it was',
    async run() {
      const plain = recordPlain();
      const till = openTill();
      const broker = testTransport({ clock: fakeClock() });
      const source = await consumerOf(broker, 'orders');
      for (const id of ids) await broker.send('orders', { id }, { id });
      for (const _delivery of ['first', 'second']) {
        const batch = await take(source, ids.length);
        await plain.tracer.startActiveSpan('process orders', { attributes: { size: batch.length } }, async (span) => {
          try {
            for (const { id } of batch) till.charge(id);
            for (const delivery of batch) await delivery.ack();
          } catch (error) {
            assert.ok(error instanceof Error);
            span.recordException(error);
            span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
            for (const delivery of batch) await delivery.retry(0);
          } finally {
            span.end();
          }
        });
      }
      assert.deepEqual(till.charged, ['A-1', 'A-1', 'A-2', 'A-3']);
      const [failed] = plain.spans;
      assert.equal(failed?.status.code, 'ERROR');
      assert.ok(!JSON.stringify([failed.attributes, failed.status, failed.links, failed.events[0]?.attributes]).includes('A-2'));
    },
  },
  tracewright: {
    promise: 'the handler says which one failed: that one alone comes again, and an event on the span of the batch names it',
    async run() {
      const clock = fakeClock();
      const transport = testTransport({ clock });
      using traces = recordTraces({ clock });
      const till = openTill();
      const chargeAll: BatchHandler<Order> = (messages) =>
        messages.flatMap((message) => {
          try {
            till.charge(message.id);
            return [];
          } catch (error) {
            return [{ message, error }];
          }
        });
      const shop = defineComponent({
        name: 'shop',
        interests: { orders: order },
        bootstrap: (_l, link) => void link.subscribe('orders', chargeAll, { batch: { size: ids.length }, retry: { delayMs: 1000 } }),
      });
      const deployment = await openShop([shop], { runtime: traces.runtime(), transport, clock });
      for (const id of ids) await transport.send('orders', { id }, { id });
      await clock.advance(2000);
      await closeShop(deployment, clock);
      assert.deepEqual(till.charged, ['A-1', 'A-3', 'A-2']);
      const [first, second, ...others] = traces.spans.filter(({ name }) => name === 'process orders');
      assert.deepEqual(
        [first, second].map((span) => [span?.attributes['messaging.batch.message_count'], span?.status.code]),
        [
          [3, 'ERROR'],
          [1, 'UNSET'],
        ],
      );
      const told = first?.events.filter(({ name }) => name === 'tracewright.message.failed').map(({ attributes }) => attributes);
      assert.deepEqual(told, [
        { 'messaging.message.id': 'A-2', 'tracewright.attempt': 1, 'tracewright.settled': 'retry', 'error.type': 'Error' },
      ]);
      assert.deepEqual(others, []);
    },
  },
});
