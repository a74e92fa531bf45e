import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { type Context, createContextKey, context as contexts, type TracerProvider } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { service } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { spanNamed } from '../seen-span.ts';

const component = createContextKey('component');

/** Puts the component that a context names on every span. */
const stamping: SpanProcessor = {
  onStart(span, context: Context) {
    const name = context.getValue(component);
    if (typeof name === 'string') span.setAttribute('component.name', name);
  },
  onEnd() {},
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

/** A database driver that traces itself. */
function disconnect(provider: TracerProvider): void {
  provider.getTracer('database-driver').startSpan('DISCONNECT').end();
}

export const cleanupOfNobody = defineCase({
  id: 'cleanup-of-nobody',
  title: 'A component registers its clean-up while it boots, and the process ends it',
  source: 'als',
  guarantee: 5,
  plain: {
    breakage: 'the clean-up runs in the context of whoever ends the process: its spans say neither what was cleaned up nor for whom',
    async run() {
      const plain = recordPlain({ processors: [stamping] });
      const lifecycle = new EventEmitter();
      contexts.with(contexts.active().setValue(component, 'orders'), () => {
        plain.tracer.startSpan('connect').end();
        lifecycle.on('stop', () => disconnect(plain.provider));
      });
      lifecycle.emit('stop');
      assert.equal(spanNamed(plain.spans, 'connect').attributes['component.name'], 'orders');
      assert.deepEqual(spanNamed(plain.spans, 'DISCONNECT').attributes, {});
    },
  },
  tracewright: {
    promise: 'a clean-up runs in one span of its lifecycle, with identity and caller on it and on all below, whoever ended it',
    async run() {
      using traces = recordTraces();
      const identity = { extend: { 'component.name': 'orders' } };
      const orders = traces.runtime().lifecycle('orders', (l) => l.defer(() => disconnect(traces.provider)), {
        as: service('shop'),
        identity,
      });
      await orders.done;
      const cleanup = traces.find('orders.cleanup');
      const disconnected = traces.find('DISCONNECT');
      assert.equal(disconnected.parentSpanId, cleanup.spanId);
      for (const { attributes } of [cleanup, disconnected]) {
        assert.deepEqual(
          [attributes['component.name'], attributes['component.path'], attributes['caller.id']],
          ['orders', 'orders', 'shop'],
        );
      }
    },
  },
});
