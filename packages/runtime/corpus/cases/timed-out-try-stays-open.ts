import assert from 'node:assert/strict';
import { retry, timeout } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { silence } from '../waiting.ts';

/** A partner that is silent at first, and hears no signal. */
function partner(): () => Promise<string> {
  let calls = 0;
  return () => {
    calls += 1;
    return calls === 1 ? silence() : Promise.resolve('answer');
  };
}

/** The time-out that every code base has: it stops waiting, and nothing else. */
async function raced<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), timeoutMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

export const timedOutTryStaysOpen = defineCase({
  id: 'timed-out-try-stays-open',
  title: 'A call gets no answer in time and is tried again, with success',
  source: 'pain',
  guarantee: 1,
  plain: {
    breakage: 'the span of the first try stays open for ever: the one try that explains the wait is not in the trace',
    async run() {
      const plain = recordPlain();
      const ask = partner();
      const call = (): Promise<string> => plain.tracer.startActiveSpan('call partner', (span) => ask().finally(() => span.end()));
      const answer = await plain.tracer.startActiveSpan('request', async (request) => {
        const given = await raced(call(), 1).catch(() => raced(call(), 1));
        request.end();
        return given;
      });
      assert.equal(answer, 'answer');
      assert.deepEqual(
        plain.spans.map((span) => span.name),
        ['call partner', 'request'],
      );
      assert.deepEqual(plain.open, ['call partner']);
    },
  },
  tracewright: {
    promise: 'when the operation has ended, each try has, and so has what a try left behind; the first says that time was up',
    async run() {
      const clock = fakeClock();
      using traces = recordTraces({ clock });
      const ask = partner();
      const interceptors = [retry({ delayMs: 100, jitter: 'none' }), timeout({ timeoutMs: 1000 })];
      const answering = traces.runtime().run({ name: 'request', interceptors }, (scope) => scope.run('call partner', ask));
      await clock.advance(1100);
      assert.equal(await answering, 'answer');
      assert.deepEqual([traces.open, clock.pending], [[], 0]);
      assert.ok(traces.spans.every(({ ends }) => ends === 1));
      const [first, second] = traces.spans.filter(({ name }) => name === 'attempt');
      assert.equal(first?.attributes['tracewright.cancelled_by'], 'timeout');
      assert.equal(second?.status.code, 'UNSET');
      const [left] = traces.spans.filter(({ name }) => name === 'call partner');
      assert.equal(left?.attributes['error.type'], 'span_not_ended');
    },
  },
});
