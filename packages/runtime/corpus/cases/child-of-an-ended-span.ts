import assert from 'node:assert/strict';
import { context, type Span, trace } from '@opentelemetry/api';
import { isTracewrightError, type Scope } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { parentsOf } from '../seen-span.ts';

export const childOfAnEndedSpan = defineCase({
  id: 'child-of-an-ended-span',
  title: 'An object keeps the span of the request that made it, and uses it later',
  source: 'pain',
  guarantee: 3,
  plain: {
    breakage: 'a span that has ended goes on getting children, in silence',
    async run() {
      const plain = recordPlain();
      const session: { span?: Span } = {};
      plain.tracer.startActiveSpan('request', (request) => {
        session.span = request;
        request.end();
      });
      assert.ok(session.span);
      plain.tracer.startSpan('query', {}, trace.setSpan(context.active(), session.span)).end();
      assert.deepEqual(parentsOf(plain.spans, 'query'), ['request']);
    },
  },
  tracewright: {
    promise: 'a scope that has ended starts nothing: the mistake is an error with a code, where it is made',
    async run() {
      using traces = recordTraces();
      const session: { scope?: Scope } = {};
      await traces.runtime().run('request', (scope) => {
        session.scope = scope;
      });
      const { scope } = session;
      assert.ok(scope);
      await assert.rejects(
        scope.run('query', () => undefined),
        (error) => isTracewrightError(error, 'TW_SCOPE_ENDED'),
      );
      assert.deepEqual(
        traces.spans.map((span) => span.name),
        ['request'],
      );
    },
  },
});
