import assert from 'node:assert/strict';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { spanNamed } from '../seen-span.ts';

export const slowConsumerBlamedOnTheProducer = defineCase({
  id: 'slow-consumer-blamed-on-the-producer',
  title: 'A model answers in one second, its reader needs nine to print',
  source: 'pain',
  guarantee: 4,
  plain: {
    breakage: 'the span of the model is ten seconds long, and nothing on it says whose they are',
    async run() {
      const plain = recordPlain();
      const clock = fakeClock();
      const stream = (async function* () {
        const startTime = clock.now();
        const span = plain.tracer.startSpan('generate', { startTime });
        clock.tick(1000);
        yield 'token';
        span.end(clock.now());
        assert.equal(clock.now() - startTime, 10_000);
      })();
      for await (const _token of stream) clock.tick(9000);
      assert.deepEqual(spanNamed(plain.spans, 'generate').attributes, {});
    },
  },
  tracewright: {
    promise: 'the span tells the producer’s second from the consumer’s nine',
    async run() {
      const clock = fakeClock();
      using traces = recordTraces({ clock });
      const stream = traces.runtime().stream('generate', async function* () {
        clock.tick(1000);
        yield 'token';
      });
      for await (const _token of stream) clock.tick(9000);
      const { attributes } = traces.find('generate');
      assert.equal(attributes['tracewright.stream.producer_time'], 1);
      assert.equal(attributes['tracewright.stream.consumer_time'], 9);
      assert.equal(attributes['tracewright.stream.items'], 1);
    },
  },
});
