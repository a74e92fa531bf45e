import assert from 'node:assert/strict';
import { type BaggageEntry, context, propagation } from '@opentelemetry/api';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

const attempt = (value: string): Record<string, BaggageEntry> => ({ attempt: { value } });
const withAttempt = <T>(value: string, body: () => T): T =>
  context.with(propagation.setBaggage(context.active(), propagation.createBaggage(attempt(value))), body);
const seenAttempt = (): string | undefined => propagation.getActiveBaggage()?.getEntry('attempt')?.value;

async function* tokens(): AsyncGenerator<string | undefined> {
  while (true) yield seenAttempt();
}

export const staleBaggageInAStream = defineCase({
  id: 'stale-baggage-in-a-stream',
  title: 'The consumer’s baggage changes while it reads a stream',
  source: 'pain',
  guarantee: 4,
  plain: {
    breakage: 'the usual cure for a stream’s parent, binding each pull to the context of the call, brings back baggage that is out of date',
    async run() {
      const { tracer } = recordPlain();
      await tracer.startActiveSpan('request', async (request) => {
        const stream = tokens();
        const next = withAttempt('1', () => context.bind(context.active(), () => stream.next()));
        const seen = await withAttempt('2', () => next());
        request.end();
        assert.equal(seen.value, '1');
      });
    },
  },
  tracewright: {
    promise: 'the body keeps the span and the caller of its stream, and sees the baggage of whoever pulls',
    async run() {
      using traces = recordTraces();
      await traces.runtime().run('request', async (request) => {
        const stream = withAttempt('1', () => request.stream('tokens', tokens));
        const seen = await withAttempt('2', () => stream.next());
        await stream.return();
        assert.equal(seen.value, '2');
      });
    },
  },
});
