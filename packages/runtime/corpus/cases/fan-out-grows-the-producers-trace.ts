import assert from 'node:assert/strict';
import { context, defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { linkedFrom, parentsOf, spanNamed, traceCount } from '../seen-span.ts';

const propagator = new W3CTraceContextPropagator();
const subscribers = Array.from({ length: 50 }, (_, subscriber) => subscriber);

export const fanOutGrowsTheProducersTrace = defineCase({
  id: 'fan-out-grows-the-producers-trace',
  title: 'One event has fifty subscribers',
  source: 'pain',
  guarantee: 3,
  plain: {
    breakage: 'extracting the headers joins: the trace of the producer grows by every delivery and redelivery',
    async run() {
      const plain = recordPlain();
      const { tracer } = plain;
      const headers = {};
      tracer.startActiveSpan('publish', (publish) => {
        propagator.inject(context.active(), headers, defaultTextMapSetter);
        publish.end();
      });
      for (const _subscriber of subscribers) {
        const sender = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
        context.with(sender, () => tracer.startSpan('process event').end());
      }
      assert.equal(traceCount(plain.spans), 1);
      assert.equal(plain.spans.length, 51);
    },
  },
  tracewright: {
    promise: 'linked deliveries are traces of their own; joining is a choice that somebody made for one message',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      const headers = await runtime.run('publish', (publish) => publish.inject());
      for (const _subscriber of subscribers) await runtime.run('process event', () => undefined, { link: headers });
      await runtime.run('send receipt', () => undefined, { join: headers });
      assert.ok(parentsOf(traces.spans, 'process event').every((parent) => parent === 'none'));
      assert.deepEqual(new Set(linkedFrom(traces.spans, 'process event')), new Set(['publish']));
      assert.deepEqual(parentsOf(traces.spans, 'send receipt'), ['publish']);
      const { traceId } = spanNamed(traces.spans, 'publish');
      assert.equal(traces.spans.filter((span) => span.traceId === traceId).length, 2);
    },
  },
});
