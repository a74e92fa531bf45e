import assert from 'node:assert/strict';
import type { SpanContext } from '@opentelemetry/api';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { linkedFrom, spanNamed } from '../seen-span.ts';

/** The spans of 200 senders, in other processes. */
const senders = Array.from({ length: 200 }, (_, index): SpanContext => {
  const id = (index + 1).toString(16);
  return { traceId: `f${id.padStart(31, '0')}`, spanId: `f${id.padStart(15, '0')}`, traceFlags: 1, isRemote: true };
});

export const manyLinksDropTheFirst = defineCase({
  id: 'many-links-drop-the-first',
  title: 'A batch is linked to what caused it and to 200 senders',
  source: 'als',
  guarantee: 10,
  plain: {
    breakage: 'a span keeps the last 128 links: the cause, which came first, is dropped',
    async run() {
      const plain = recordPlain();
      const cause = plain.tracer.startSpan('flush');
      const links = [cause.spanContext(), ...senders].map((context) => ({ context }));
      plain.tracer.startSpan('batch', { root: true, links }).end();
      cause.end();
      assert.equal(spanNamed(plain.spans, 'batch').links.length, 128);
      assert.ok(!linkedFrom(plain.spans, 'batch').includes('flush'));
    },
  },
  tracewright: {
    promise: 'the cause is kept, the first senders are kept, and the span says how many were dropped',
    async run() {
      using traces = recordTraces();
      const links = senders.map((context) => ({ context }));
      await traces.runtime().run('flush', (flush) => flush.run({ name: 'batch', root: true, links }, () => undefined));
      const batch = traces.find('batch');
      assert.equal(batch.links.length, 128);
      assert.equal(linkedFrom(traces.spans, 'batch')[0], 'flush');
      assert.equal(batch.links[1]?.traceId, senders[0]?.traceId);
      assert.equal(batch.attributes['tracewright.links.dropped'], 201 - 128);
    },
  },
});
