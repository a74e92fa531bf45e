import assert from 'node:assert/strict';
import { SamplingDecision } from '@opentelemetry/api';
import { ParentBasedSampler, type Sampler } from '@opentelemetry/sdk-trace-base';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

/** A ratio sampler on an unlucky day: the first trace is dropped, every later one kept. */
function dropFirstTrace(): Sampler {
  let decisions = 0;
  const root: Sampler = {
    shouldSample() {
      decisions += 1;
      return { decision: decisions === 1 ? SamplingDecision.NOT_RECORD : SamplingDecision.RECORD_AND_SAMPLED };
    },
  };
  return new ParentBasedSampler({ root });
}

const messages = Array.from({ length: 20 }, (_, message) => message);

export const samplingGluedToAnOldRoot = defineCase({
  id: 'sampling-glued-to-an-old-root',
  title: 'The sampler drops the trace of the boot, in which a subscription was made',
  source: 'pain',
  guarantee: 3,
  plain: {
    breakage: 'one throw of the dice drops every message for as long as the process lives',
    async run() {
      const plain = recordPlain({ sampler: dropFirstTrace() });
      const { tracer } = plain;
      tracer.startActiveSpan('bootstrap', (bootstrap) => {
        for (const _message of messages) tracer.startSpan('handle message').end();
        bootstrap.end();
      });
      assert.deepEqual(plain.spans, []);
    },
  },
  tracewright: {
    promise: 'each message is sampled anew, and its link says what was decided for the boot',
    async run() {
      using traces = recordTraces({ sampler: dropFirstTrace() });
      const runtime = traces.runtime();
      await runtime.run('bootstrap', async () => {
        for (const _message of messages) await runtime.run({ name: 'handle message', root: true }, () => undefined);
      });
      assert.equal(traces.spans.length, messages.length);
      for (const { links } of traces.spans) assert.equal(links[0]?.attributes['tracewright.link.sampled'], false);
    },
  },
});
