import assert from 'node:assert/strict';
import { SpanStatusCode } from '@opentelemetry/api';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { spanNamed } from '../seen-span.ts';

/** As databases do that put the statement into the message. */
const tooLong = new Error(`syntax error near ${'x'.repeat(5_000_000)}`);

function insertRows(): never {
  throw tooLong;
}

export const errorMessageStoredWhole = defineCase({
  id: 'error-message-stored-whole',
  title: 'An error carries a message of 5 MB',
  source: 'pain',
  guarantee: 10,
  plain: {
    breakage: 'the message is on the span three times: in the status, in the exception, in its stack',
    async run() {
      const plain = recordPlain();
      const span = plain.tracer.startSpan('insert rows');
      try {
        insertRows();
      } catch (error) {
        assert.ok(error instanceof Error);
        span.recordException(error);
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      } finally {
        span.end();
      }
      const { status, events } = spanNamed(plain.spans, 'insert rows');
      const stored = [status.message, events[0]?.attributes['exception.message'], events[0]?.attributes['exception.stacktrace']];
      for (const text of stored) assert.ok(String(text).length > 5_000_000);
    },
  },
  tracewright: {
    promise: 'the texts of an error are cut, and the caller gets the error as it was thrown',
    async run() {
      using traces = recordTraces();
      await assert.rejects(traces.runtime().run('insert rows', insertRows), (error) => error === tooLong);
      const { status, events } = traces.find('insert rows');
      assert.equal(status.code, 'ERROR');
      const stored = [status.message, events[0]?.attributes['exception.message'], events[0]?.attributes['exception.stacktrace']];
      for (const text of stored) assert.ok(String(text).length <= 16_384);
      assert.ok(traces.export().byteLength < 100_000);
    },
  },
});
