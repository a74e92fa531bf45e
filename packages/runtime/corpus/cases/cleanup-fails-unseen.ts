import assert from 'node:assert/strict';
import { exitCode } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { spanNamed } from '../seen-span.ts';

async function flush(): Promise<never> {
  throw new Error('12 orders were not written');
}

export const cleanupFailsUnseen = defineCase({
  id: 'cleanup-fails-unseen',
  title: 'The last clean-up of a process fails',
  source: 'pain',
  guarantee: 6,
  plain: {
    breakage: 'all clean-ups are waited for, so that each one runs, and the error is lost on the way: the span is a success',
    async run() {
      const plain = recordPlain();
      await plain.tracer.startActiveSpan('shutdown', async (span) => {
        await Promise.allSettled([flush(), Promise.resolve()]);
        span.end();
      });
      const { status, events } = spanNamed(plain.spans, 'shutdown');
      assert.deepEqual([status.code, events], ['UNSET', []]);
    },
  },
  tracewright: {
    promise: 'the error is an exception on the span of the clean-ups, in the outcome of the lifecycle, and in the exit code',
    async run() {
      using traces = recordTraces();
      const orders = traces.runtime().lifecycle('orders', (l) => {
        l.defer(() => undefined);
        l.defer(flush);
      });
      const outcome = await orders.done;
      const { status, events, attributes } = traces.find('orders.cleanup');
      assert.deepEqual([status.code, attributes['error.type']], ['ERROR', 'Error']);
      assert.deepEqual(
        events.map((event) => event.attributes['exception.message']),
        ['12 orders were not written'],
      );
      assert.deepEqual(
        outcome.failures.map(({ path, during }) => [path, during]),
        [['orders', 'cleanup']],
      );
      assert.deepEqual([outcome.status, exitCode(outcome)], ['ok', 1]);
    },
  },
});
