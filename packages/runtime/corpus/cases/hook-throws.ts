import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { hookType } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { spanNamed } from '../seen-span.ts';

interface Order {
  readonly id: number;
  readonly customer?: { readonly name: string };
}

const order: Order = { id: 7 };

/** An observer that was written for orders with a customer. */
function countByCustomer({ customer }: Order): void {
  if (customer === undefined) throw new TypeError('customer is not known');
}

const orderPlaced = hookType<Order>()('order_placed');

export const hookThrows = defineCase({
  id: 'hook-throws',
  title: 'An observer of events throws',
  source: 'pain',
  guarantee: 9,
  plain: {
    breakage: 'the order that it only counts is not placed, and the span calls it a failure of the order',
    async run() {
      const plain = recordPlain();
      const events = new EventEmitter().on('order placed', countByCustomer);
      const place = (): string =>
        plain.tracer.startActiveSpan('place order', (span) => {
          try {
            events.emit('order placed', order);
            return 'placed';
          } catch (error) {
            span.recordException(error instanceof Error ? error : String(error));
            throw error;
          } finally {
            span.end();
          }
        });
      assert.throws(place, /customer is not known/);
      assert.equal(spanNamed(plain.spans, 'place order').events[0]?.name, 'exception');
    },
  },
  tracewright: {
    promise: 'a hook that throws at once or later is left out: result and span are those of the order',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      runtime.hooks.add({ hook: orderPlaced, mode: 'audit', run: countByCustomer });
      runtime.hooks.add({ hook: orderPlaced, mode: 'concurrent', run: async (placed) => countByCustomer(placed) });
      let heard = 0;
      runtime.hooks.add({ hook: orderPlaced, run: () => void (heard += 1) });
      const placing = runtime.run('place order', async (scope) => {
        await scope.fire(orderPlaced, () => ({ ...order }));
        return 'placed';
      });
      assert.equal(await placing, 'placed');
      assert.equal(heard, 1);
      const { status, events, ends } = traces.find('place order');
      assert.deepEqual({ status: status.code, events, ends }, { status: 'UNSET', events: [], ends: 1 });
    },
  },
});
