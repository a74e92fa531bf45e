import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { revokedDraft, thrownBy } from '../unreadable-error.ts';
import { drain, someTurns } from '../waiting.ts';

async function* failingWith(error: unknown): AsyncGenerator<string> {
  yield 'token';
  throw error;
}

export const streamErrorThatCannotBeRead = defineCase({
  id: 'stream-error-that-cannot-be-read',
  title: 'A stream throws something that throws when it is looked at',
  source: 'pain',
  guarantee: 9,
  plain: {
    breakage: 'recording the exception throws, and the reader gets that error in the place of the stream’s own',
    async run() {
      const plain = recordPlain();
      const draft = revokedDraft();
      const stream = (async function* () {
        const span = plain.tracer.startSpan('generate');
        try {
          yield* failingWith(draft);
        } catch (error) {
          span.recordException(error as Error); // What every wrapper does: `error` is unknown, `recordException` takes an exception.
          throw error;
        } finally {
          span.end();
        }
      })();
      const { error } = await thrownBy(() => drain(stream));
      assert.ok(!Object.is(error, draft));
    },
  },
  tracewright: {
    promise: 'the reader gets what the stream has thrown, and the span ends as failed',
    async run() {
      using traces = recordTraces();
      const draft = revokedDraft();
      const stream = traces.runtime().stream('generate', () => failingWith(draft));
      const thrown = await Promise.race([thrownBy(() => drain(stream)), someTurns()]);
      assert.ok(thrown !== undefined, 'the reader waits for ever');
      assert.ok(Object.is(thrown.error, draft), 'the reader got another error');
      assert.equal(traces.find('generate').ends, 1);
      assert.equal(traces.find('generate').attributes['tracewright.outcome'], 'error');
    },
  },
});
