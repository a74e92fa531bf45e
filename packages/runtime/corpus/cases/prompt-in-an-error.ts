import assert from 'node:assert/strict';
import { SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { plantCanaries, recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

/** Providers quote the input that they refuse. */
class RefusedError extends Error {
  override readonly name = 'RefusedError';
  constructor(prompt: string) {
    super(`400: the input ${JSON.stringify(prompt)} was refused`);
  }
}

function callModel(prompt: string): never {
  throw new RefusedError(prompt);
}

/** The wrapper that every code base has. */
function traced<T>(tracer: Tracer, name: string, body: () => T): T {
  return tracer.startActiveSpan(name, (span) => {
    try {
      return body();
    } catch (error) {
      assert.ok(error instanceof Error);
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}

export const promptInAnError = defineCase({
  id: 'prompt-in-an-error',
  title: 'A provider refuses an input and quotes it in the error, which passes through three operations',
  source: 'pain',
  guarantee: 7,
  plain: {
    breakage: 'recording of messages is off, and yet the prompt is in the status, the exception and the stack of every span above',
    async run() {
      const { tracer, ...plain } = recordPlain();
      const canaries = plantCanaries(['prompt']);
      const { prompt } = canaries.values;
      const request = (): unknown =>
        traced(tracer, 'request', () => traced(tracer, 'answer', () => traced(tracer, 'chat', () => callModel(prompt))));
      assert.throws(request, RefusedError);
      for (const { status, events } of plain.spans) {
        const { 'exception.message': message, 'exception.stacktrace': stack } = events[0]?.attributes ?? {};
        for (const text of [status.message, message, stack]) assert.notDeepEqual(canaries.search(String(text)), []);
      }
    },
  },
  tracewright: {
    promise:
      'the call is declared to carry content: its errors keep type and frames and lose their message, on every operation that they reach',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      const canaries = plantCanaries(['prompt']);
      const { prompt } = canaries.values;
      const chat = { name: 'chat', carriesContent: true };
      const request = runtime.run('request', () => runtime.run('answer', () => runtime.run(chat, () => callModel(prompt))));
      await assert.rejects(request, RefusedError);
      assert.deepEqual(canaries.search(traces.export()), []);
      for (const { status, attributes } of traces.spans) {
        assert.deepEqual(status, { code: 'ERROR', message: 'RefusedError' });
        assert.equal(attributes['error.type'], 'RefusedError');
      }
      const told = traces.find('chat').events[0]?.attributes ?? {};
      assert.equal(told['exception.type'], 'RefusedError');
      assert.match(String(told['exception.stacktrace']), /^RefusedError\n {4}at /);
    },
  },
});
