import assert from 'node:assert/strict';
import { SpanStatusCode } from '@opentelemetry/api';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { spanNamed } from '../seen-span.ts';

async function bookRoom(): Promise<void> {}

async function sendConfirmation(): Promise<never> {
  throw new Error('mailbox full');
}

export const okBeforeTheError = defineCase({
  id: 'ok-before-the-error',
  title: 'The main step succeeds and says so, and the last one fails',
  source: 'pain',
  guarantee: 6,
  plain: {
    breakage: 'a status OK is final: the failure that follows does not make the span an error',
    async run() {
      const plain = recordPlain();
      const booking = plain.tracer.startActiveSpan('book', async (span) => {
        try {
          await bookRoom();
          span.setStatus({ code: SpanStatusCode.OK });
          await sendConfirmation();
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
          throw error;
        } finally {
          span.end();
        }
      });
      await assert.rejects(booking, /mailbox full/);
      assert.deepEqual(spanNamed(plain.spans, 'book').status, { code: 'OK' });
    },
  },
  tracewright: {
    promise: 'nobody can call a success before the end: the status follows from how the operation ends, and OK is never set',
    async run() {
      using traces = recordTraces();
      const booking = traces.runtime().run('book', async (scope) => {
        await scope.run('book room', bookRoom);
        await sendConfirmation();
      });
      await assert.rejects(booking, /mailbox full/);
      assert.equal(traces.find('book').status.code, 'ERROR');
      assert.equal(traces.find('book room').status.code, 'UNSET');
    },
  },
});
