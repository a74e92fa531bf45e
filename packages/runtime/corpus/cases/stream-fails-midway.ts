import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { drain } from '../waiting.ts';

async function* failingTokens(): AsyncGenerator<string> {
  yield 'token';
  throw new TypeError('the connection was reset');
}

export const streamFailsMidway = defineCase({
  id: 'stream-fails-midway',
  title: 'A stream fails after its first item',
  source: 'pain',
  guarantee: 1,
  plain: {
    breakage: 'the span that is ended after the loop is never ended: the failure is nowhere to be seen',
    async run() {
      const plain = recordPlain();
      const stream = (async function* () {
        const span = plain.tracer.startSpan('generate');
        yield* failingTokens();
        span.end();
      })();
      await assert.rejects(drain(stream), TypeError);
      assert.deepEqual(plain.open, ['generate']);
      assert.deepEqual(plain.spans, []);
    },
  },
  tracewright: {
    promise: 'the span ends once, as failed, with the exception; the reader gets the error unchanged',
    async run() {
      using traces = recordTraces();
      await assert.rejects(drain(traces.runtime().stream('generate', failingTokens)), TypeError);
      const { ends, status, attributes, events } = traces.find('generate');
      assert.equal(ends, 1);
      assert.equal(status.code, 'ERROR');
      assert.equal(attributes['error.type'], 'TypeError');
      assert.equal(attributes['tracewright.outcome'], 'error');
      assert.deepEqual(
        events.map((event) => event.name),
        ['exception'],
      );
    },
  },
});
