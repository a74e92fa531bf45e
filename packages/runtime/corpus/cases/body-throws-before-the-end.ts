import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

function parse(): never {
  throw new SyntaxError('unexpected end of input');
}

export const bodyThrowsBeforeTheEnd = defineCase({
  id: 'body-throws-before-the-end',
  title: 'Work throws before the line that ends its span',
  source: 'pain',
  guarantee: 1,
  plain: {
    breakage: '`startActiveSpan` does not end what it starts: the work that failed is the one that is not in the trace',
    async run() {
      const plain = recordPlain();
      const load = (): void =>
        plain.tracer.startActiveSpan('load', (span) => {
          parse();
          span.end();
        });
      assert.throws(load, SyntaxError);
      assert.deepEqual(plain.open, ['load']);
      assert.deepEqual(plain.spans, []);
    },
  },
  tracewright: {
    promise: 'the span ends once and says what failed; the caller gets the error unchanged',
    async run() {
      using traces = recordTraces();
      await assert.rejects(traces.runtime().run('load', parse), SyntaxError);
      const { ends, status, attributes } = traces.find('load');
      assert.equal(ends, 1);
      assert.equal(status.code, 'ERROR');
      assert.equal(attributes['error.type'], 'SyntaxError');
    },
  },
});
