import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { spanNamed } from '../seen-span.ts';

const document = 'x'.repeat(5_000_000);
/** What gRPC servers accept in one message unless they are told otherwise. */
const commonMessageLimitBytes = 4 * 1024 * 1024;

export const attributeStoredWhole = defineCase({
  id: 'attribute-stored-whole',
  title: 'Somebody puts a document of 5 MB into an attribute',
  source: 'als',
  guarantee: 10,
  plain: {
    breakage: 'it is stored whole, and one such value is more than a collector takes in one message',
    async run() {
      const plain = recordPlain();
      const span = plain.tracer.startSpan('summarize');
      span.setAttribute('document', document);
      span.end();
      const { attributes } = spanNamed(plain.spans, 'summarize');
      assert.ok(String(attributes['document']).length > commonMessageLimitBytes);
    },
  },
  tracewright: {
    promise: 'texts are cut at 16384 characters, wherever the author sets them',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      await runtime.run({ name: 'summarize', attributes: { given: document } }, (scope) => {
        scope.set({ document });
        scope.event('read', { document });
      });
      const { attributes, events } = traces.find('summarize');
      for (const value of [attributes['given'], attributes['document'], events[0]?.attributes['document']]) {
        assert.ok(String(value).length <= 16_384);
      }
      assert.ok(traces.export().byteLength < 100_000);
    },
  },
});
