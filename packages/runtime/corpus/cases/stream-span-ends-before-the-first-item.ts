import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { drain } from '../waiting.ts';

export const streamSpanEndsBeforeTheFirstItem = defineCase({
  id: 'stream-span-ends-before-the-first-item',
  title: 'A wrapper traces a function that returns a stream',
  source: 'pain',
  guarantee: 4,
  plain: {
    breakage: 'the span covers the making of the stream and none of its items',
    async run() {
      const plain = recordPlain();
      const exportedAtItem: number[] = [];
      const stream = plain.tracer.startActiveSpan('generate', (span) => {
        try {
          return (async function* () {
            exportedAtItem.push(plain.spans.length);
            yield 'token';
          })();
        } finally {
          span.end();
        }
      });
      await drain(stream);
      assert.deepEqual(exportedAtItem, [1]);
    },
  },
  tracewright: {
    promise: 'the span is open while items are made, and ends with the last',
    async run() {
      using traces = recordTraces();
      const openAtItem: string[][] = [];
      const stream = traces.runtime().stream('generate', async function* () {
        openAtItem.push(traces.open.map((span) => span.name));
        yield 'token';
      });
      await drain(stream);
      assert.deepEqual(openAtItem, [['generate']]);
      assert.deepEqual(traces.open, []);
    },
  },
});
