import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

/** A row of a library that loads a column when it is read. */
function lazyRow(): { readonly id: number; readonly total: number } {
  return {
    id: 1,
    get total(): number {
      throw new Error('the connection is closed');
    },
  };
}

export const attributeThrows = defineCase({
  id: 'attribute-throws',
  title: 'Reading an attribute’s value throws',
  source: 'pain',
  guarantee: 9,
  plain: {
    breakage: 'describing the work breaks the work',
    async run() {
      const { tracer } = recordPlain();
      const order = (): string =>
        tracer.startActiveSpan('order', (span) => {
          try {
            span.setAttributes(lazyRow());
            return 'ordered';
          } finally {
            span.end();
          }
        });
      assert.throws(order, /the connection is closed/);
    },
  },
  tracewright: {
    promise: 'what cannot be read is left out, and the work goes on',
    async run() {
      using traces = recordTraces();
      const result = await traces.runtime().run('order', (scope) => {
        scope.set(lazyRow());
        scope.event('priced', lazyRow());
        return 'ordered';
      });
      assert.equal(result, 'ordered');
      assert.equal(traces.find('order').status.code, 'UNSET');
    },
  },
});
