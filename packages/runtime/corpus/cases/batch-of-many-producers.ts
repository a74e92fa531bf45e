import assert from 'node:assert/strict';
import { type Context, context, defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { linkedFrom, parentsOf } from '../seen-span.ts';

const propagator = new W3CTraceContextPropagator();
const producers = ['order', 'refund', 'invoice'];

export const batchOfManyProducers = defineCase({
  id: 'batch-of-many-producers',
  title: 'A batch holds messages of three producers',
  source: 'pain',
  guarantee: 3,
  plain: {
    breakage: 'a span has one parent: extracting the headers of each message leaves the last producer, and forgets the others',
    async run() {
      const plain = recordPlain();
      const { tracer } = plain;
      const batch = producers.map((name) =>
        tracer.startActiveSpan(name, (span) => {
          const headers = {};
          propagator.inject(context.active(), headers, defaultTextMapSetter);
          span.end();
          return headers;
        }),
      );
      const sender = batch.reduce<Context>((before, headers) => propagator.extract(before, headers, defaultTextMapGetter), ROOT_CONTEXT);
      context.with(sender, () => tracer.startSpan('write batch').end());
      assert.deepEqual(parentsOf(plain.spans, 'write batch'), ['invoice']);
      assert.deepEqual(linkedFrom(plain.spans, 'write batch'), []);
    },
  },
  tracewright: {
    promise: 'the batch is a trace of its own with a link to each producer',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      const batch = await Promise.all(producers.map((name) => runtime.run(name, (scope) => scope.inject())));
      await runtime.run('write batch', () => undefined, { link: batch });
      assert.deepEqual(parentsOf(traces.spans, 'write batch'), ['none']);
      assert.deepEqual(linkedFrom(traces.spans, 'write batch'), producers);
      for (const { attributes } of traces.find('write batch').links) assert.equal(attributes['tracewright.link.reason'], 'producer');
    },
  },
});
