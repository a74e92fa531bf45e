import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { parentsOf, traceCount } from '../seen-span.ts';

async function readThenCancel(body: ReadableStream<string>): Promise<void> {
  const reader = body.getReader();
  await reader.read();
  await reader.cancel();
}

export const webStreamReadAndCancelledElsewhere = defineCase({
  id: 'web-stream-read-and-cancelled-elsewhere',
  title: 'A web stream is made by a request, then read and cancelled by its socket',
  source: 'als',
  guarantee: 4,
  plain: {
    breakage: 'pulling runs in the context that made the stream, cancelling in the one that cancels: the two are in different traces',
    async run() {
      const plain = recordPlain();
      const { tracer } = plain;
      const trace = (name: string): void => tracer.startSpan(name).end();
      await tracer.startActiveSpan('request', async (request) => {
        const body = new ReadableStream<string>(
          {
            pull(controller) {
              trace('produce');
              controller.enqueue('token');
            },
            cancel: () => trace('release'),
          },
          { highWaterMark: 0 },
        );
        await tracer.startActiveSpan('socket', { root: true }, async (socket) => {
          await readThenCancel(body);
          socket.end();
        });
        request.end();
      });
      assert.deepEqual(parentsOf(plain.spans, 'produce'), ['request']);
      assert.deepEqual(parentsOf(plain.spans, 'release'), ['socket']);
    },
  },
  tracewright: {
    promise: 'both run below the stream, which is a child of the request',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      const trace = (name: string): Promise<void> => runtime.run(name, () => undefined);
      await runtime.run('request', async (request) => {
        const answer = request.stream('answer', async function* () {
          try {
            await trace('produce');
            yield 'token';
          } finally {
            await trace('release');
          }
        });
        const body = answer.toReadableStream();
        await runtime.run({ name: 'socket', root: true }, () => readThenCancel(body));
        assert.equal(answer.outcome, 'consumer_left');
      });
      assert.deepEqual(parentsOf(traces.spans, 'produce'), ['answer']);
      assert.deepEqual(parentsOf(traces.spans, 'release'), ['answer']);
      assert.deepEqual(parentsOf(traces.spans, 'answer'), ['request']);
      assert.equal(traceCount(traces.spans), 2);
    },
  },
});
