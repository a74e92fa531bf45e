import assert from 'node:assert/strict';
import { type Attributes, SpanStatusCode } from '@opentelemetry/api';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

/** A client that throws one error of its own, whoever aborted. */
function call(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(Object.assign(new Error('The operation was aborted'), { name: 'AbortError' })), {
      once: true,
    });
  });
}

const reasons = [undefined, Object.assign(new Error('too slow'), { name: 'TimeoutError' })];

export const nobodyKnowsWhoCancelled = defineCase({
  id: 'nobody-knows-who-cancelled',
  title: 'A call is cancelled, once by the client and once by a time-out',
  source: 'pain',
  guarantee: 6,
  plain: {
    breakage: 'the two spans are equal: a client that left looks like a partner that is too slow',
    async run() {
      const plain = recordPlain();
      for (const reason of reasons) {
        const aborter = new AbortController();
        const calling = plain.tracer.startActiveSpan('call partner', async (span) => {
          try {
            await call(aborter.signal);
          } catch (error) {
            span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
          } finally {
            span.end();
          }
        });
        aborter.abort(reason);
        await calling;
      }
      const [byClient, byTimeout] = plain.spans.map(({ status, attributes }): { status: object; attributes: Attributes | object } => ({
        status,
        attributes,
      }));
      assert.deepEqual(byClient, byTimeout);
    },
  },
  tracewright: {
    promise: 'each says who cancelled; only the time-out is an error',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      for (const reason of reasons) {
        const aborter = new AbortController();
        const calling = runtime.run('call partner', (scope) => call(scope.signal), { signal: aborter.signal });
        aborter.abort(reason);
        await assert.rejects(calling, { name: 'AbortError' });
      }
      assert.deepEqual(
        traces.spans.map(({ status, attributes }) => [attributes['tracewright.cancelled_by'], status.code]),
        [
          ['client', 'UNSET'],
          ['timeout', 'ERROR'],
        ],
      );
    },
  },
});
