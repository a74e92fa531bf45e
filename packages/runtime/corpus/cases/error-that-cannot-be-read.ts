import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { revokedDraft, thrownBy } from '../unreadable-error.ts';

export const errorThatCannotBeRead = defineCase({
  id: 'error-that-cannot-be-read',
  title: 'Work throws something that throws when it is looked at',
  source: 'pain',
  guarantee: 9,
  plain: {
    breakage: 'recording the exception throws, and the caller gets that error in the place of the work’s own',
    async run() {
      const plain = recordPlain();
      const draft = revokedDraft();
      const save = (): void =>
        plain.tracer.startActiveSpan('save', (span) => {
          try {
            throw draft;
          } catch (error) {
            span.recordException(error as Error); // What every wrapper does: `error` is unknown, `recordException` takes an exception.
            throw error;
          } finally {
            span.end();
          }
        });
      const { error } = await thrownBy(save);
      assert.ok(!Object.is(error, draft));
    },
  },
  tracewright: {
    promise: 'the caller gets what the work has thrown, and the span says that it failed',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      const draft = revokedDraft();
      const save = (): Promise<never> =>
        runtime.run('save', () => {
          throw draft;
        });
      const { error } = await thrownBy(save);
      assert.ok(Object.is(error, draft), 'the caller got another error');
      assert.equal(traces.find('save').status.code, 'ERROR');
    },
  },
});
