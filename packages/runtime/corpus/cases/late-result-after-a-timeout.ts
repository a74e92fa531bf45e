import assert from 'node:assert/strict';
import { SpanStatusCode } from '@opentelemetry/api';
import { timeout } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { signalled } from '../waiting.ts';

export const lateResultAfterATimeout = defineCase({
  id: 'late-result-after-a-timeout',
  title: 'A payment takes longer than allowed, ignores its signal, and succeeds in the end',
  source: 'pain',
  guarantee: 6,
  plain: {
    breakage: 'the caller gets a success, late, and the trace shows a time-out: one of them is wrong',
    async run() {
      const plain = recordPlain();
      const paid = signalled();
      const time = new AbortController();
      const paying = plain.tracer.startActiveSpan('pay', async (span) => {
        time.signal.addEventListener('abort', () => span.setStatus({ code: SpanStatusCode.ERROR, message: 'timed out' }));
        await paid.promise;
        span.end();
        return 'paid';
      });
      time.abort();
      paid.resolve();
      assert.equal(await paying, 'paid');
      assert.deepEqual(plain.spans[0]?.status, { code: 'ERROR', message: 'timed out' });
    },
  },
  tracewright: {
    promise: 'a time-out is the result and the span says so; what comes later changes neither',
    async run() {
      const clock = fakeClock();
      using traces = recordTraces({ clock });
      const paid = signalled();
      const interceptors = [timeout({ timeoutMs: 1000 })];
      const paying = traces.runtime().run({ name: 'pay', interceptors }, () => paid.promise.then(() => 'paid'));
      const refused = assert.rejects(paying, { code: 'TW_TIMEOUT' });
      await clock.advance(1000);
      paid.resolve();
      await refused;
      const { status, attributes, ends } = traces.find('pay');
      assert.deepEqual([status.code, attributes['error.type'], ends], ['ERROR', 'TW_TIMEOUT', 1]);
      assert.equal(attributes['tracewright.cancelled_by'], 'timeout');
    },
  },
});
