import assert from 'node:assert/strict';
import { defineComponent } from 'tracewright/component';
import { fakeClock, recordTraces, testTransport } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { closeShop, consumerOf, openShop, order, take, watchDurations } from '../message-shop.ts';
import { recordPlain } from '../plain-recording.ts';
import { linkedFrom, parentsOf, spanNamed } from '../seen-span.ts';

const waitMs = 10_000;

/** A warehouse that is away for the first two tries. */
function warehouse(): () => Promise<void> {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= 2) throw Object.assign(new Error('the warehouse is away'), { status: 503 });
  };
}

export const retryOfAMessageInOneGrowingSpan = defineCase({
  id: 'retry-of-a-message-in-one-growing-span',
  title: 'A message is handled well at the third try',
  source: 'pain',
  guarantee: 2,
  plain: {
    breakage: 'the span stays open through the waits, which look like slow work, and shows neither a failure nor a try',
    async run() {
      const clock = fakeClock();
      const broker = testTransport({ clock });
      const watch = watchDurations();
      const plain = recordPlain({ processors: [watch] });
      const reserve = warehouse();
      const again = async (): Promise<void> => {
        await clock.sleep(waitMs);
        await reserve();
      };
      await broker.send('orders', { id: 'A-1' });
      const [delivery] = await take(await consumerOf(broker, 'orders'));
      // Times of the clock of the test, which would else have to wait.
      const handling = plain.tracer.startActiveSpan('process orders', { startTime: clock.now() }, async (span) => {
        await reserve().catch(again).catch(again);
        await delivery?.ack();
        span.end(clock.now());
      });
      await clock.advance(waitMs / 2);
      assert.deepEqual(plain.open, ['process orders']);
      await clock.advance(2 * waitMs);
      await handling;
      const { attributes, events, status } = spanNamed(plain.spans, 'process orders');
      assert.deepEqual([attributes, events, status.code], [{}, [], 'UNSET']);
      assert.deepEqual(watch.durationsMs, [2 * waitMs]);
    },
  },
  tracewright: {
    promise:
      'each try is a trace of its own that says which one it is and what came of it, linked to the sender; nothing is open between them',
    async run() {
      const clock = fakeClock();
      const transport = testTransport({ clock });
      using traces = recordTraces({ clock });
      const runtime = traces.runtime();
      const shop = defineComponent({
        name: 'shop',
        interests: { orders: order },
        bootstrap: (_l, link) => void link.subscribe('orders', warehouse(), { retry: { delayMs: waitMs, maxDelayMs: waitMs } }),
      });
      const deployment = await openShop([shop], { runtime, transport, clock });
      await runtime.run('place order', (scope) => transport.send('orders', { id: 'A-1' }, { headers: scope.inject() }));
      await clock.advance(0);
      assert.deepEqual(traces.open, []);
      await clock.advance(2 * waitMs);
      await closeShop(deployment, clock);
      const tries = traces.spans.filter(({ name }) => name === 'process orders');
      assert.deepEqual(
        tries.map(({ attributes, status, events }) => [
          attributes['tracewright.attempt'],
          attributes['tracewright.settled'],
          status.code,
          events.length,
        ]),
        [
          [1, 'retry', 'ERROR', 1],
          [2, 'retry', 'ERROR', 1],
          [3, 'ack', 'UNSET', 0],
        ],
      );
      for (const { startTimeUnixNano, endTimeUnixNano } of tries) assert.equal(startTimeUnixNano, endTimeUnixNano);
      assert.deepEqual(parentsOf(traces.spans, 'process orders'), ['none', 'none', 'none']);
      assert.deepEqual(linkedFrom(traces.spans, 'process orders'), ['place order', 'place order', 'place order']);
    },
  },
});
