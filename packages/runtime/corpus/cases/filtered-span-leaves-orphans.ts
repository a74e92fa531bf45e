import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { withoutSpansNamed } from '../filtering-processor.ts';
import { defineCase } from '../hostile-case.ts';
import { parentsOf } from '../seen-span.ts';

export const filteredSpanLeavesOrphans = defineCase({
  id: 'filtered-span-leaves-orphans',
  title: 'A noisy kind of span is filtered out',
  source: 'pain',
  guarantee: 10,
  plain: {
    breakage: 'what ran inside the filtered spans names a parent that was never exported',
    async run() {
      const plain = withoutSpansNamed('middleware');
      const { tracer } = plain;
      tracer.startActiveSpan('request', (request) => {
        tracer.startActiveSpan('middleware', (middleware) => {
          tracer.startSpan('query').end();
          middleware.end();
        });
        request.end();
      });
      assert.deepEqual(
        plain.spans.map((span) => span.name),
        ['query', 'request'],
      );
      assert.deepEqual(parentsOf(plain.spans, 'query'), ['missing']);
    },
  },
  tracewright: {
    promise: 'a suppressed operation hands its place through: what runs in it stands below the nearest span above',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime({ suppress: ['middleware'] });
      await runtime.run('request', () => runtime.run('middleware', () => runtime.run('query', () => undefined)));
      assert.deepEqual(
        traces.spans.map((span) => span.name),
        ['request', 'query'],
      );
      assert.deepEqual(parentsOf(traces.spans, 'query'), ['request']);
      assert.deepEqual(traces.check(), []);
    },
  },
});
