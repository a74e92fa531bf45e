import assert from 'node:assert/strict';
import { SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { recordTraces } from 'tracewright/testing';
import { withoutSpansNamed } from '../filtering-processor.ts';
import { defineCase } from '../hostile-case.ts';
import type { SeenSpan } from '../seen-span.ts';

function authorize(): never {
  throw new TypeError('the token has no subject');
}

/** Records where it is caught first, as careful code does. */
function authorizePlainly(tracer: Tracer): void {
  tracer.startActiveSpan('middleware', (middleware) => {
    try {
      authorize();
    } catch (error) {
      assert.ok(error instanceof Error);
      middleware.recordException(error);
      throw error;
    } finally {
      middleware.end();
    }
  });
}

const exceptionsOn = (spans: readonly Pick<SeenSpan, 'name' | 'events'>[]): readonly string[] =>
  spans.flatMap(({ name, events }) => events.map((event) => `${event.name} on ${name}`));

export const filteredSpanHidesAFailure = defineCase({
  id: 'filtered-span-hides-a-failure',
  title: 'Work fails inside a kind of span that is filtered out',
  source: 'pain',
  guarantee: 6,
  plain: {
    breakage: 'the exception is recorded once, on the innermost span, and is filtered out with it',
    async run() {
      const plain = withoutSpansNamed('middleware');
      const serve = (): void =>
        plain.tracer.startActiveSpan('request', (request) => {
          try {
            authorizePlainly(plain.tracer);
          } catch (error) {
            request.setStatus({ code: SpanStatusCode.ERROR });
            throw error;
          } finally {
            request.end();
          }
        });
      assert.throws(serve, TypeError);
      assert.deepEqual(
        plain.spans.map((span) => span.name),
        ['request'],
      );
      assert.deepEqual(exceptionsOn(plain.spans), []);
    },
  },
  tracewright: {
    promise: 'the exception is on the innermost operation that has a span',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime({ suppress: ['middleware'] });
      await assert.rejects(
        runtime.run('request', () => runtime.run('middleware', authorize)),
        TypeError,
      );
      assert.equal(traces.find('request').attributes['error.type'], 'TypeError');
      assert.deepEqual(exceptionsOn(traces.spans), ['exception on request']);
    },
  },
});
