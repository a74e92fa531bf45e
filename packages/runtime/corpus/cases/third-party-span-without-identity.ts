import assert from 'node:assert/strict';
import type { TracerProvider } from '@opentelemetry/api';
import { user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { parentsOf, spanNamed } from '../seen-span.ts';

/** A database driver that traces itself and knows nothing of callers. */
async function queryDatabase(provider: TracerProvider): Promise<void> {
  const span = provider.getTracer('database-driver').startSpan('SELECT');
  await Promise.resolve();
  span.end();
}

export const thirdPartySpanWithoutIdentity = defineCase({
  id: 'third-party-span-without-identity',
  title: 'A database driver traces itself inside a request of a user',
  source: 'pain',
  guarantee: 5,
  plain: {
    breakage: 'the span of the driver says neither for whom nor for which component it queried',
    async run() {
      const plain = recordPlain();
      await plain.tracer.startActiveSpan(
        'request',
        { attributes: { 'caller.id': 'ada', 'component.name': 'checkout' } },
        async (request) => {
          await queryDatabase(plain.provider);
          request.end();
        },
      );
      const { attributes } = spanNamed(plain.spans, 'SELECT');
      assert.equal(attributes['caller.id'], undefined);
      assert.equal(attributes['component.name'], undefined);
    },
  },
  tracewright: {
    promise: 'spans of libraries carry the caller and the identity of the scope around them',
    async run() {
      using traces = recordTraces();
      const identity = { extend: { 'component.name': 'checkout' } };
      await traces.runtime().run('request', () => queryDatabase(traces.provider), { as: user('ada'), identity });
      const { attributes } = traces.find('SELECT');
      assert.deepEqual(parentsOf(traces.spans, 'SELECT'), ['request']);
      assert.equal(attributes['caller.id'], 'ada');
      assert.equal(attributes['execution.context'], 'user');
      assert.equal(attributes['component.name'], 'checkout');
    },
  },
});
