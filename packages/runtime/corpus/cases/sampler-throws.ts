import assert from 'node:assert/strict';
import type { Sampler } from '@opentelemetry/sdk-trace-base';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { drain } from '../waiting.ts';

const sampler: Sampler = {
  shouldSample() {
    throw new Error('the sampler is broken');
  },
};

export const samplerThrows = defineCase({
  id: 'sampler-throws',
  title: 'A sampler throws',
  source: 'pain',
  guarantee: 9,
  plain: {
    breakage: 'no work that is traced can be done',
    async run() {
      const { tracer } = recordPlain({ sampler });
      assert.throws(() => tracer.startActiveSpan('order', () => 'ordered'), /the sampler is broken/);
    },
  },
  tracewright: {
    promise: 'operations and streams run without a span',
    async run() {
      using traces = recordTraces({ sampler });
      const runtime = traces.runtime();
      assert.equal(await runtime.run('order', (scope) => scope.run('pay', () => 'ordered')), 'ordered');
      assert.deepEqual(await drain(runtime.stream('rows', () => [1, 2])), [1, 2]);
      assert.deepEqual(traces.spans, []);
    },
  },
});
