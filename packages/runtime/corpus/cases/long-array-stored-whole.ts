import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { spanNamed } from '../seen-span.ts';

/** The embeddings of a document, one after the other. */
const numbers = Array.from({ length: 1_000_000 }, (_, index) => index / 3);
/** What gRPC servers accept in one message unless they are told otherwise. */
const commonMessageLimitBytes = 4 * 1024 * 1024;

export const longArrayStoredWhole = defineCase({
  id: 'long-array-stored-whole',
  title: 'Somebody puts a million numbers into an attribute',
  source: 'pain',
  guarantee: 10,
  plain: {
    breakage: 'they are stored whole, and the limit of the SDK, which counts characters, would not cut them either',
    async run() {
      const plain = recordPlain({ spanLimits: { attributeValueLengthLimit: 1024 } });
      const span = plain.tracer.startSpan('embed');
      span.setAttribute('embeddings', numbers);
      span.end();
      assert.deepEqual(spanNamed(plain.spans, 'embed').attributes['embeddings'], numbers);
    },
  },
  tracewright: {
    promise: 'an array has a budget too: the span is exported in a size that a collector takes',
    async run() {
      using traces = recordTraces();
      await traces.runtime().run('embed', (scope) => scope.set({ embeddings: numbers }));
      const { byteLength } = traces.export();
      assert.ok(byteLength < commonMessageLimitBytes, `the export has ${byteLength} bytes`);
    },
  },
});
