import assert from 'node:assert/strict';
import { retry } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { parentsOf } from '../seen-span.ts';

/** A partner that refuses so many calls before it answers. */
function partner(refusals: number): () => Promise<string> {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= refusals) throw Object.assign(new Error('unavailable'), { status: 503 });
    return 'answer';
  };
}

async function tryThrice(work: () => Promise<string>): Promise<string> {
  return work().catch(work).catch(work);
}

export const retryLeavesNoMark = defineCase({
  id: 'retry-leaves-no-mark',
  title: 'A call succeeds at the third try',
  source: 'pain',
  guarantee: 6,
  plain: {
    breakage: 'its span is that of a call that succeeded at once: the partner fails two times of three, and no trace shows it',
    async run() {
      const plain = recordPlain();
      for (const refusals of [0, 2]) {
        const ask = partner(refusals);
        await plain.tracer.startActiveSpan('call partner', async (span) => {
          assert.equal(await tryThrice(ask), 'answer');
          span.end();
        });
      }
      const [first, second] = plain.spans.map(({ attributes, events, status }): object => ({ attributes, events, status }));
      assert.deepEqual(first, second);
    },
  },
  tracewright: {
    promise: 'the span counts the tries, and each is a child with its own exception; the call as a whole is a success',
    async run() {
      using traces = recordTraces();
      const call = { name: 'call partner', interceptors: [retry({ delayMs: 0 })] };
      assert.equal(await traces.runtime().run(call, partner(2)), 'answer');
      const { status, attributes, events } = traces.find('call partner');
      assert.deepEqual([status.code, attributes['tracewright.attempts'], events], ['UNSET', 3, []]);
      assert.deepEqual(parentsOf(traces.spans, 'attempt'), ['call partner', 'call partner', 'call partner']);
      const tries = traces.spans.filter(({ name }) => name === 'attempt');
      assert.deepEqual(
        tries.map((span) => [span.attributes['tracewright.attempt'], span.status.code, span.events.length]),
        [
          [1, 'ERROR', 1],
          [2, 'ERROR', 1],
          [3, 'UNSET', 0],
        ],
      );
    },
  },
});
