import assert from 'node:assert/strict';
import { context, ROOT_CONTEXT, type Tracer } from '@opentelemetry/api';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { parentsOf, traceCount } from '../seen-span.ts';
import { drain } from '../waiting.ts';

/** As a server does that writes the response after it has left the context of the request. */
const writeOutside = (answer: AsyncIterable<string>): Promise<string[]> => context.with(ROOT_CONTEXT, () => drain(answer));

export const generatorOutsideItsRequest = defineCase({
  id: 'generator-outside-its-request',
  title: 'A generator is made inside a request and iterated outside its context',
  source: 'als',
  guarantee: 4,
  plain: {
    breakage: 'one request becomes three traces: the body of the generator sees no context',
    async run() {
      const plain = recordPlain();
      await plain.tracer.startActiveSpan('request', async (request) => {
        await writeOutside(chat(plain.tracer));
        request.end();
      });
      assert.equal(traceCount(plain.spans), 3);
      assert.deepEqual(parentsOf(plain.spans, 'chat'), ['none']);
      assert.deepEqual(parentsOf(plain.spans, 'search'), ['none']);
    },
  },
  tracewright: {
    promise: 'one trace: the stream is a child of the request, the tool a child of the stream',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      await runtime.run('request', async (request) => {
        const answer = request.stream('chat', async function* () {
          yield 'one';
          await runtime.run('search', () => undefined);
          yield 'two';
        });
        await writeOutside(answer);
      });
      assert.equal(traceCount(traces.spans), 1);
      assert.deepEqual(parentsOf(traces.spans, 'chat'), ['request']);
      assert.deepEqual(parentsOf(traces.spans, 'search'), ['chat']);
    },
  },
});

async function* chat(tracer: Tracer): AsyncGenerator<string> {
  const span = tracer.startSpan('chat');
  try {
    yield 'one';
    tracer.startSpan('search').end();
    yield 'two';
  } finally {
    span.end();
  }
}
