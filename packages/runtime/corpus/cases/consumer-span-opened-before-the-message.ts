import assert from 'node:assert/strict';
import { defineComponent } from 'tracewright/component';
import { fakeClock, recordTraces, testTransport } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { closeShop, consumerOf, openShop, order, watchDurations } from '../message-shop.ts';
import { recordPlain } from '../plain-recording.ts';

const idleMs = 600_000;
const workMs = 5;

export const consumerSpanOpenedBeforeTheMessage = defineCase({
  id: 'consumer-span-opened-before-the-message',
  title: 'A consumer asks for its next message inside the span that is meant for it',
  source: 'pain',
  guarantee: 2,
  plain: {
    breakage: 'ten minutes without a message count as work on the next one, and a stop leaves a span for no message',
    async run() {
      const clock = fakeClock();
      const broker = testTransport({ clock });
      const watch = watchDurations();
      const plain = recordPlain({ processors: [watch] });
      const source = await consumerOf(broker, 'orders');
      const stop = new AbortController();
      const consume = async (): Promise<void> => {
        while (!stop.signal.aborted) {
          // Times of the clock of the test, which would else have to wait.
          await plain.tracer.startActiveSpan('process orders', { startTime: clock.now() }, async (span) => {
            for (const delivery of await source.receive(1, stop.signal)) {
              await clock.sleep(workMs);
              await delivery.ack();
            }
            span.end(clock.now());
          });
        }
      };
      const consuming = consume();
      await clock.advance(idleMs);
      assert.deepEqual(plain.open, ['process orders']);
      await broker.send('orders', { id: 'A-1' });
      await clock.advance(workMs);
      await clock.advance(idleMs);
      stop.abort();
      await consuming;
      assert.equal(broker.settled('orders').length, 1);
      assert.deepEqual(watch.durationsMs, [idleMs + workMs, idleMs]);
    },
  },
  tracewright: {
    promise: 'the span of a message begins when the message is there: an idle subscription emits nothing, before and after',
    async run() {
      const clock = fakeClock();
      const transport = testTransport({ clock });
      using traces = recordTraces({ clock });
      const shop = defineComponent({
        name: 'shop',
        interests: { orders: order },
        bootstrap: (_l, link) => void link.subscribe('orders', (_message, scope) => scope.clock.sleep(workMs)),
      });
      const deployment = await openShop([shop], { runtime: traces.runtime(), transport, clock });
      const before = traces.spans.length;
      await clock.advance(idleMs);
      assert.deepEqual([traces.spans.length, traces.open], [before, []]);
      await transport.send('orders', { id: 'A-1' });
      await clock.advance(workMs);
      await clock.advance(idleMs);
      await closeShop(deployment, clock);
      assert.equal(transport.settled('orders').length, 1);
      const { startTimeUnixNano, endTimeUnixNano = 0n } = traces.find('process orders');
      assert.equal(endTimeUnixNano - startTimeUnixNano, BigInt(workMs) * 1_000_000n);
      assert.deepEqual([traces.open, clock.pending], [[], 0]);
    },
  },
});
