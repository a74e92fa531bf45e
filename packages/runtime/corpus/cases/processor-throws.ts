import assert from 'node:assert/strict';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

function broken(): never {
  throw new Error('the processor is broken');
}

const nothing = { forceFlush: () => Promise.resolve(), shutdown: () => Promise.resolve() };
const processors: readonly SpanProcessor[] = [
  { ...nothing, onStart: broken, onEnd() {} },
  { ...nothing, onStart() {}, onEnd: broken },
];

export const processorThrows = defineCase({
  id: 'processor-throws',
  title: 'A span processor throws at the start, or at the end, of every span',
  source: 'pain',
  guarantee: 9,
  plain: {
    breakage: 'the order is lost: starting or ending the span throws into the work',
    async run() {
      for (const processor of processors) {
        const { tracer } = recordPlain({ processors: [processor] });
        const order = (): string =>
          tracer.startActiveSpan('order', (span) => {
            span.end();
            return 'ordered';
          });
        assert.throws(order, /the processor is broken/);
      }
    },
  },
  tracewright: {
    promise: 'the work gets its result, or its own error, as if there were no telemetry',
    async run() {
      for (const processor of processors) {
        using traces = recordTraces({ processors: [processor] });
        traces.expectProblems();
        const runtime = traces.runtime();
        assert.equal(await runtime.run('order', () => 'ordered'), 'ordered');
        await assert.rejects(
          runtime.run('order', () => {
            throw new RangeError('sold out');
          }),
          RangeError,
        );
      }
    },
  },
});
