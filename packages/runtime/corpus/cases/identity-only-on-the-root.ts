import assert from 'node:assert/strict';
import { user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { spanNamed } from '../seen-span.ts';

const identity = { 'component.name': 'checkout' };

export const identityOnlyOnTheRoot = defineCase({
  id: 'identity-only-on-the-root',
  title: 'A request says who called and which component it belongs to',
  source: 'pain',
  guarantee: 5,
  plain: {
    breakage: 'only the root knows: a slow query cannot be found by its user or its component',
    async run() {
      const plain = recordPlain();
      const { tracer } = plain;
      tracer.startActiveSpan('request', { attributes: { ...identity, 'caller.id': 'ada' } }, (request) => {
        tracer.startSpan('query').end();
        request.end();
      });
      assert.deepEqual(spanNamed(plain.spans, 'query').attributes, {});
    },
  },
  tracewright: {
    promise: 'caller and identity are on every operation below',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      await runtime.run('request', () => runtime.run('query', () => undefined), { as: user('ada'), identity: { extend: identity } });
      for (const { attributes } of traces.spans) {
        assert.deepEqual(attributes, { ...identity, 'execution.context': 'user', 'caller.id': 'ada' });
      }
      assert.equal(traces.spans.length, 2);
    },
  },
});
