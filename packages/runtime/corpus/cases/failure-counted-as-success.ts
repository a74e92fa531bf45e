import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { spanNamed } from '../seen-span.ts';

async function pay(): Promise<never> {
  throw Object.assign(new Error('the card was declined'), { code: 'CARD_DECLINED' });
}

export const failureCountedAsSuccess = defineCase({
  id: 'failure-counted-as-success',
  title: 'Work fails, and its span is ended with care',
  source: 'pain',
  guarantee: 6,
  plain: {
    breakage: 'a `finally` that ends the span says nothing of the failure: it counts as a success',
    async run() {
      const plain = recordPlain();
      const paying = plain.tracer.startActiveSpan('pay', async (span) => {
        try {
          return await pay();
        } finally {
          span.end();
        }
      });
      await assert.rejects(paying);
      const { status, attributes, events } = spanNamed(plain.spans, 'pay');
      assert.equal(status.code, 'UNSET');
      assert.deepEqual({ attributes, events }, { attributes: {}, events: [] });
    },
  },
  tracewright: {
    promise: 'a failure sets the status and `error.type`; success leaves the status unset and nothing else to set',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      await assert.rejects(runtime.run('pay', pay));
      await runtime.run('thank', () => undefined);
      assert.equal(traces.find('pay').status.code, 'ERROR');
      assert.equal(traces.find('pay').attributes['error.type'], 'CARD_DECLINED');
      assert.equal(traces.find('thank').status.code, 'UNSET');
      assert.equal(traces.find('thank').attributes['tracewright.outcome'], undefined);
    },
  },
});
