import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { silence, someTurns } from '../waiting.ts';

async function* stallingTokens(): AsyncGenerator<string> {
  yield 'one';
  await silence();
}

/** As a server does when the client hangs up: leaves the stream while a pull is under way. Tells whether leaving was done soon. */
async function hangUp(stream: AsyncIterator<string>): Promise<boolean> {
  await stream.next();
  let hasLeft = false;
  void stream.next();
  void stream.return?.().then(() => {
    hasLeft = true;
  });
  await someTurns();
  return hasLeft;
}

export const consumerLeavesASilentProducer = defineCase({
  id: 'consumer-leaves-a-silent-producer',
  title: 'The client hangs up while the producer waits for an answer that never comes',
  source: 'pain',
  guarantee: 1,
  plain: {
    breakage: '`return` queues behind the pull, so that not even a `finally` ends the span',
    async run() {
      const plain = recordPlain();
      const stream = (async function* () {
        const span = plain.tracer.startSpan('generate');
        try {
          yield* stallingTokens();
        } finally {
          span.end();
        }
      })();
      assert.equal(await hangUp(stream), false);
      assert.deepEqual(plain.open, ['generate']);
    },
  },
  tracewright: {
    promise: 'leaving is done at once, and the span ends even where the producer hears nothing',
    async run() {
      using traces = recordTraces();
      const stream = traces.runtime().stream('generate', stallingTokens);
      assert.equal(await hangUp(stream), true);
      assert.deepEqual(traces.open, []);
      assert.equal(traces.find('generate').attributes['tracewright.outcome'], 'consumer_left');
    },
  },
});
