import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { spanNamed } from '../seen-span.ts';

export const streamReturnedBeforeItsFirstPull = defineCase({
  id: 'stream-returned-before-its-first-pull',
  title: 'A consumer leaves a stream before the first pull',
  source: 'als',
  guarantee: 1,
  plain: {
    breakage: 'neither the body nor its `finally` runs, and the span that was opened with the stream never ends',
    async run() {
      const plain = recordPlain();
      const span = plain.tracer.startSpan('answer');
      const answer = (async function* () {
        try {
          yield 'token';
        } finally {
          span.end();
        }
      })();
      await answer.return(undefined);
      assert.deepEqual(plain.open, ['answer']);
      assert.deepEqual(plain.spans, []);
    },
  },
  tracewright: {
    promise: 'the span ends once, and says that nobody read the stream',
    async run() {
      using traces = recordTraces();
      const answer = traces.runtime().stream('answer', async function* () {
        yield 'token';
      });
      await answer.return();
      assert.equal(answer.outcome, 'never_started');
      assert.deepEqual(traces.open, []);
      assert.equal(traces.find('answer').ends, 1);
      assert.equal(spanNamed(traces.spans, 'answer').attributes['tracewright.outcome'], 'never_started');
    },
  },
});
