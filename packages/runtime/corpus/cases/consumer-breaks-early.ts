import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

async function* tokens(): AsyncGenerator<string> {
  yield 'one';
  yield 'two';
}

export const consumerBreaksEarly = defineCase({
  id: 'consumer-breaks-early',
  title: 'A consumer breaks out of its loop',
  source: 'pain',
  guarantee: 1,
  plain: {
    breakage: 'nothing after the `yield` runs, so that the span never ends',
    async run() {
      const plain = recordPlain();
      const stream = (async function* () {
        const span = plain.tracer.startSpan('generate');
        for await (const token of tokens()) yield token;
        span.end();
      })();
      for await (const _token of stream) break;
      assert.deepEqual(plain.open, ['generate']);
    },
  },
  tracewright: {
    promise: 'the span ends with the loop and says that the consumer left, which is no failure',
    async run() {
      using traces = recordTraces();
      const stream = traces.runtime().stream('generate', tokens);
      for await (const _token of stream) break;
      const { ends, status, attributes } = traces.find('generate');
      assert.equal(ends, 1);
      assert.equal(status.code, 'UNSET');
      assert.equal(attributes['tracewright.outcome'], 'consumer_left');
    },
  },
});
