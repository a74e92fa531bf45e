import assert from 'node:assert/strict';
import { type Span, type TracerProvider, trace } from '@opentelemetry/api';
import { createRuntime } from 'tracewright';
import { defineCase } from '../hostile-case.ts';
import { drain } from '../waiting.ts';

function broken(): never {
  throw new Error('the span is broken');
}

/** A tracer of some vendor, each method of whose spans throws. */
const provider: TracerProvider = {
  getTracer() {
    const span: Span = {
      spanContext: broken,
      setAttribute: broken,
      setAttributes: broken,
      addEvent: broken,
      addLink: broken,
      addLinks: broken,
      setStatus: broken,
      updateName: broken,
      end: broken,
      isRecording: broken,
      recordException: broken,
    };
    const tracer = trace.getTracer('corpus');
    return Object.assign(Object.create(tracer), {
      startSpan: () => span,
      startActiveSpan: (_name: string, body: (own: Span) => unknown) => body(span),
    });
  },
};

export const spanThrows = defineCase({
  id: 'span-throws',
  title: 'The spans of the host’s tracer throw on every call',
  source: 'pain',
  guarantee: 9,
  plain: {
    breakage: 'work that describes itself fails, and so does work that only ends its span',
    async run() {
      const order = (): string =>
        provider.getTracer('corpus').startActiveSpan('order', (span) => {
          span.end();
          return 'ordered';
        });
      assert.throws(order, /the span is broken/);
    },
  },
  tracewright: {
    promise: 'operations, streams, their children and their failures are what they would be without telemetry',
    async run() {
      const runtime = createRuntime({ tracerProvider: provider });
      const order = runtime.run('order', async (scope) => {
        scope.set({ items: 1 });
        scope.event('priced');
        scope.inject();
        await scope.detach().run('send mail', () => undefined);
        await drain(scope.stream('rows', () => [1, 2]));
        return scope.run('pay', () => 'ordered');
      });
      assert.equal(await order, 'ordered');
      const refused = runtime.run('order', () => {
        throw new RangeError('sold out');
      });
      await assert.rejects(refused, RangeError);
      assert.deepEqual(await runtime.close(), { running: 0, cancelled: [], stuck: [] });
    },
  },
});
