import assert from 'node:assert/strict';
import { SpanStatusCode } from '@opentelemetry/api';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { spanNamed } from '../seen-span.ts';
import { drain } from '../waiting.ts';

/** A model client that honours its signal: it throws the reason, as `fetch` does. */
async function* tokens(signal: AbortSignal): AsyncGenerator<string> {
  yield 'one';
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

function abortSoon(client: AbortController): void {
  setImmediate(() => client.abort());
}

export const clientAbortsAStream = defineCase({
  id: 'client-aborts-a-stream',
  title: 'A client aborts while it is being answered',
  source: 'pain',
  guarantee: 6,
  plain: {
    breakage: 'the abort is caught like any error and counted as a failure of the service',
    async run() {
      const plain = recordPlain();
      const client = new AbortController();
      const stream = (async function* () {
        const span = plain.tracer.startSpan('generate');
        try {
          yield* tokens(client.signal);
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
          throw error;
        } finally {
          span.end();
        }
      })();
      abortSoon(client);
      await assert.rejects(drain(stream), { name: 'AbortError' });
      assert.equal(spanNamed(plain.spans, 'generate').status.code, 'ERROR');
    },
  },
  tracewright: {
    promise: 'the span says that the client cancelled, and is no error',
    async run() {
      using traces = recordTraces();
      const client = new AbortController();
      const stream = traces.runtime().stream('generate', (scope) => tokens(scope.signal), { signal: client.signal });
      abortSoon(client);
      await assert.rejects(drain(stream), { name: 'AbortError' });
      const { status, attributes, events, ends } = traces.find('generate');
      assert.equal(status.code, 'UNSET');
      assert.equal(attributes['tracewright.outcome'], 'aborted');
      assert.equal(attributes['tracewright.cancelled_by'], 'client');
      assert.deepEqual(events, []);
      assert.equal(ends, 1);
    },
  },
});
