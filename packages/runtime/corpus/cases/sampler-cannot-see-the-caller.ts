import assert from 'node:assert/strict';
import { type Attributes, SamplingDecision } from '@opentelemetry/api';
import type { Sampler } from '@opentelemetry/sdk-trace-base';
import { user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

/** Keeps the traces of one customer who has a problem. */
const onlyAda: Sampler = {
  shouldSample(...[, , , , attributes]: [unknown, unknown, unknown, unknown, Attributes, ...unknown[]]) {
    return { decision: attributes['caller.id'] === 'ada' ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD };
  },
};

export const samplerCannotSeeTheCaller = defineCase({
  id: 'sampler-cannot-see-the-caller',
  title: 'A sampler keeps the traces of one caller',
  source: 'pain',
  guarantee: 5,
  plain: {
    breakage: 'the caller is put on the span once it has started: the sampler has decided without it, and keeps nothing',
    async run() {
      const plain = recordPlain({ sampler: onlyAda });
      const span = plain.tracer.startSpan('request');
      span.setAttribute('caller.id', 'ada');
      span.end();
      assert.deepEqual(plain.spans, []);
    },
  },
  tracewright: {
    promise: 'the caller and the identity are start attributes: samplers see them',
    async run() {
      using traces = recordTraces({ sampler: onlyAda });
      const runtime = traces.runtime();
      await runtime.run('request', () => runtime.run('query', () => undefined), { as: user('ada') });
      await runtime.run('request', () => undefined, { as: user('bob') });
      assert.equal(traces.render(), 'request  user ada\n└─ query');
    },
  },
});
