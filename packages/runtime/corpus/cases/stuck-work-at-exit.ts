import assert from 'node:assert/strict';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { silence } from '../waiting.ts';

export const stuckWorkAtExit = defineCase({
  id: 'stuck-work-at-exit',
  title: 'The process stops while a call hangs that hears no signal',
  source: 'pain',
  guarantee: 11,
  plain: {
    breakage: 'the one operation that explains why the process would not stop is not in the export',
    async run() {
      const plain = recordPlain();
      void plain.tracer.startActiveSpan('call partner', async (call) => {
        await silence();
        call.end();
      });
      await plain.provider.forceFlush();
      assert.deepEqual(plain.spans, []);
      await plain.provider.shutdown();
    },
  },
  tracewright: {
    promise: 'closing names what is stuck and ends its span for it, within its deadlines',
    async run() {
      const clock = fakeClock();
      using traces = recordTraces({ clock });
      const runtime = traces.runtime();
      void runtime.run('sync', (scope) => scope.run('call partner', silence));
      const closing = runtime.close({ timeoutMs: 5000, graceMs: 1000 });
      await clock.advance(6000);
      const { running, stuck } = await closing;
      assert.equal(running, 2);
      assert.deepEqual(stuck, ['sync', 'sync > call partner']);
      assert.deepEqual(traces.open, []);
      for (const { attributes } of traces.spans) assert.equal(attributes['error.type'], 'span_not_ended');
    },
  },
});
