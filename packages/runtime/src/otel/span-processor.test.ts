import { context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { agent, createRuntime, user } from '../index.ts';
import { type IdentitySpanProcessor, spanProcessor } from './index.ts';

function telemetry(processor: IdentitySpanProcessor = spanProcessor()) {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [processor, new SimpleSpanProcessor(exporter)] });
  return {
    runtime: createRuntime({ tracerProvider, service: { name: 'shop' } }),
    library: tracerProvider.getTracer('some-library'),
    attributesOf: (name: string) => exporter.getFinishedSpans().find((span) => span.name === name)?.attributes,
  };
}

test('a span of a library carries identity and caller of the scope that it was started in', async () => {
  const { runtime, library, attributesOf } = telemetry();
  await runtime.run('answer', () => library.startSpan('query').end(), {
    as: user('ada'),
    identity: { extend: { 'component.name': 'desk' } },
  });
  expect(attributesOf('query')).toEqual({ 'execution.context': 'user', 'caller.id': 'ada', 'component.name': 'desk' });
});

test('a value set where the span was started wins, and the rest is added', async () => {
  const { runtime, library, attributesOf } = telemetry();
  const options = { attributes: { 'caller.id': 'pool', rows: 3 } };
  await runtime.run('answer', () => library.startSpan('query', options).end(), { as: user('ada') });
  expect(attributesOf('query')).toEqual({ 'caller.id': 'pool', rows: 3, 'execution.context': 'user' });
});

test('a span outside any scope is left alone', () => {
  const { library, attributesOf } = telemetry();
  library.startSpan('query', {}, ROOT_CONTEXT).end();
  expect(attributesOf('query')).toEqual({});
});

test('identity goes without the caller where the host asks for that', async () => {
  const { runtime, library, attributesOf } = telemetry(spanProcessor({ caller: false }));
  const identity = { extend: { 'plugin.name': 'sales' } };
  await runtime.run('answer', () => library.startSpan('query').end(), { as: agent('helper', { for: user('ada') }), identity });
  expect(attributesOf('query')).toEqual({ 'plugin.name': 'sales' });
});

test('spans of one scope get one and the same precomputed object', async () => {
  const { runtime } = telemetry();
  const received: unknown[] = [];
  // A span of which only what the processor uses exists.
  const span = { attributes: {}, setAttributes: (given: unknown) => received.push(given) } as unknown as Span;
  await runtime.run('answer', () => {
    spanProcessor().onStart(span, context.active());
    spanProcessor().onStart(span, trace.deleteSpan(context.active()));
  });
  expect(received).toHaveLength(2);
  expect(received[0]).toBe(received[1]);
});

test('a span that throws does not break the work that started it', async () => {
  const { runtime } = telemetry();
  const span = {
    attributes: {},
    setAttributes() {
      throw new Error('broken span');
    },
  } as unknown as Span;
  await expect(runtime.run('answer', () => spanProcessor().onStart(span, context.active()))).resolves.toBeUndefined();
});
