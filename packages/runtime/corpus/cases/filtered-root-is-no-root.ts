import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { withoutSpansNamed } from '../filtering-processor.ts';
import { defineCase } from '../hostile-case.ts';
import { parentsOf, spanNamed } from '../seen-span.ts';

export const filteredRootIsNoRoot = defineCase({
  id: 'filtered-root-is-no-root',
  title: 'The roots of messages are filtered out',
  source: 'pain',
  guarantee: 3,
  plain: {
    breakage: 'the trace of a message has no root: what was done for it hangs in the air',
    async run() {
      const plain = withoutSpansNamed('process message');
      const { tracer } = plain;
      tracer.startActiveSpan('worker', (worker) => {
        tracer.startActiveSpan('process message', { root: true }, (message) => {
          tracer.startSpan('query').end();
          message.end();
        });
        worker.end();
      });
      assert.deepEqual(parentsOf(plain.spans, 'query'), ['missing']);
    },
  },
  tracewright: {
    promise: 'what runs inside a suppressed root is still outside the trace around it',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime({ suppress: ['process message'] });
      const message = { name: 'process message', root: true };
      await runtime.run('worker', () => runtime.run(message, () => runtime.run('query', () => undefined)));
      assert.notEqual(spanNamed(traces.spans, 'query').traceId, spanNamed(traces.spans, 'worker').traceId);
      assert.deepEqual(parentsOf(traces.spans, 'query'), ['none']);
    },
  },
});
