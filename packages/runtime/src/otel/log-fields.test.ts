import { isSpanContextValid } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createRuntime, user } from '../index.ts';
import { logFields, pinoMixin } from './index.ts';

function pinoToMemory() {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return { logger: pino({ mixin: pinoMixin, base: null }, stream), lines };
}

test('a pino line in an operation names its trace, its identity and its caller', async () => {
  const runtime = createRuntime({ tracerProvider: new BasicTracerProvider() });
  const { logger, lines } = pinoToMemory();
  const span = await runtime.run(
    'answer',
    (scope) => {
      logger.info({ ticket: 7 }, 'answered');
      return scope.spanContext;
    },
    { as: user('ada'), identity: { extend: { 'component.name': 'desk' } } },
  );
  expect(lines).toEqual([
    {
      level: 30,
      time: expect.any(Number),
      trace_id: span.traceId,
      span_id: span.spanId,
      trace_flags: '01',
      'component.name': 'desk',
      'execution.context': 'user',
      'caller.id': 'ada',
      ticket: 7,
      msg: 'answered',
    },
  ]);
});

test('a field set at the call site wins over the mixin, and does not stay for the next line', async () => {
  const runtime = createRuntime({ tracerProvider: new BasicTracerProvider() });
  const { logger, lines } = pinoToMemory();
  await runtime.run(
    'answer',
    () => {
      logger.info({ 'caller.id': 'grace' }, 'first');
      logger.info('second');
    },
    { as: user('ada') },
  );
  expect(lines.map((line) => line['caller.id'])).toEqual(['grace', 'ada']);
});

test('outside any operation there are no fields', () => {
  expect(logFields()).toEqual({});
});

test('without an SDK there are no trace ids, but still identity and caller', async () => {
  const runtime = createRuntime({ service: { name: 'shop' } });
  const [fields, span] = await runtime.run('answer', (scope) => [logFields(), scope.spanContext] as const);
  expect(isSpanContextValid(span)).toBe(false);
  expect(fields).toEqual({ 'execution.context': 'service', 'caller.id': 'shop' });
});
