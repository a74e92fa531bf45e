import assert from 'node:assert/strict';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { silence } from '../waiting.ts';

const idleProcessor: SpanProcessor = {
  onStart() {},
  onEnd() {},
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

export const childNobodyWaitsFor = defineCase({
  id: 'child-nobody-waits-for',
  title: 'An operation ends while a child that it did not await is stuck',
  source: 'pain',
  guarantee: 1,
  plain: {
    breakage: 'the child is held in memory and never exported: the trace looks complete and fine',
    async run() {
      const plain = recordPlain();
      plain.tracer.startActiveSpan('request', (request) => {
        void plain.tracer.startActiveSpan('call partner', async (call) => {
          await silence();
          call.end();
        });
        request.end();
      });
      assert.deepEqual(
        plain.spans.map((span) => span.name),
        ['request'],
      );
      assert.deepEqual(plain.open, ['call partner']);
    },
  },
  tracewright: {
    promise: 'the child ends before its owner, as failed with `span_not_ended`',
    async run() {
      const ends: string[] = [];
      using traces = recordTraces({ processors: [{ ...idleProcessor, onEnd: (span) => void ends.push(span.name) }] });
      await traces.runtime().run('request', (request) => void request.run('call partner', silence));
      assert.deepEqual(traces.open, []);
      const call = traces.find('call partner');
      assert.equal(call.ends, 1);
      assert.equal(call.status.code, 'ERROR');
      assert.equal(call.attributes['error.type'], 'span_not_ended');
      assert.deepEqual(ends, ['call partner', 'request']);
    },
  },
});
