import assert from 'node:assert/strict';
import type { Tracer } from '@opentelemetry/api';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

async function* tokens(): AsyncGenerator<string> {
  yield 'token';
}

function plainStream(tracer: Tracer): AsyncIterable<string> {
  const span = tracer.startSpan('generate');
  return (async function* () {
    try {
      yield* tokens();
    } finally {
      span.end();
    }
  })();
}

export const streamNeverIterated = defineCase({
  id: 'stream-never-iterated',
  title: 'The caller drops the stream and never reads it',
  source: 'pain',
  guarantee: 1,
  plain: {
    breakage: 'the span that was opened with the stream stays open for ever',
    async run() {
      const plain = recordPlain();
      plain.tracer.startActiveSpan('request', (request) => {
        plainStream(plain.tracer);
        request.end();
      });
      assert.deepEqual(plain.open, ['generate']);
    },
  },
  tracewright: {
    promise: 'no span starts before the first pull, so that none can stay open',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      await runtime.run('request', () => {
        runtime.stream('generate', tokens);
      });
      assert.equal(traces.render(), 'request  service service');
      assert.deepEqual(traces.open, []);
    },
  },
});
