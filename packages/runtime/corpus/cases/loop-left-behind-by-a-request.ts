import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { linkedFrom, parentsOf, traceCount } from '../seen-span.ts';
import { someTurns } from '../waiting.ts';

/** The loop that the first request starts, and nobody waits for. */
async function pollThrice(poll: () => unknown): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await someTurns();
    await poll();
  }
}

export const loopLeftBehindByARequest = defineCase({
  id: 'loop-left-behind-by-a-request',
  title: 'A request starts a loop that polls on after the response',
  source: 'als',
  guarantee: 3,
  plain: {
    breakage: 'the trace of the request grows for as long as the loop runs',
    async run() {
      const plain = recordPlain();
      let polling = Promise.resolve();
      plain.tracer.startActiveSpan('request', (request) => {
        polling = pollThrice(() => plain.tracer.startSpan('poll').end());
        request.end();
      });
      await polling;
      assert.deepEqual(parentsOf(plain.spans, 'poll'), ['request', 'request', 'request']);
      assert.equal(traceCount(plain.spans), 1);
    },
  },
  tracewright: {
    promise: 'a round that starts after the request has ended is a trace of its own, linked to the request',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      let polling = Promise.resolve();
      await runtime.run('request', () => {
        polling = pollThrice(() => runtime.run('poll', () => undefined));
      });
      await polling;
      assert.deepEqual(parentsOf(traces.spans, 'poll'), ['none', 'none', 'none']);
      assert.deepEqual(linkedFrom(traces.spans, 'poll'), ['request', 'request', 'request']);
      assert.equal(traceCount(traces.spans), 4);
    },
  },
});
