import assert from 'node:assert/strict';
import { SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import type { SeenSpan } from '../seen-span.ts';

function connect(): never {
  throw new TypeError('connection refused');
}

/** The wrapper that every code base has. */
function traced<T>(tracer: Tracer, name: string, body: () => T): T {
  return tracer.startActiveSpan(name, (span) => {
    try {
      return body();
    } catch (error) {
      assert.ok(error instanceof Error);
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

const exceptionsOf = (spans: readonly SeenSpan[]): readonly string[] =>
  spans.flatMap((span) => span.events.filter((event) => event.name === 'exception').map(() => span.name));

export const exceptionRecordedOnEveryAncestor = defineCase({
  id: 'exception-recorded-on-every-ancestor',
  title: 'One failure passes through three traced functions',
  source: 'pain',
  guarantee: 6,
  plain: {
    breakage: 'it is recorded three times, with three stacks: dashboards count three exceptions',
    async run() {
      const plain = recordPlain();
      const { tracer } = plain;
      assert.throws(() => traced(tracer, 'request', () => traced(tracer, 'load', () => traced(tracer, 'connect', connect))), TypeError);
      assert.deepEqual(exceptionsOf(plain.spans), ['connect', 'load', 'request']);
    },
  },
  tracewright: {
    promise: 'every operation that failed says so, and the exception is on the innermost alone',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      await assert.rejects(
        runtime.run('request', () => runtime.run('load', () => runtime.run('connect', connect))),
        TypeError,
      );
      assert.deepEqual(exceptionsOf(traces.spans), ['connect']);
      for (const { status, attributes } of traces.spans) {
        assert.equal(status.code, 'ERROR');
        assert.equal(attributes['error.type'], 'TypeError');
      }
    },
  },
});
