import { context, diag, DiagLogLevel } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { createRuntime, user } from '../index.ts';
import { bridgeConsole, type BridgedConsole } from './index.ts';

function bridged() {
  const printed: unknown[][] = [];
  const print = (...values: unknown[]): void => void printed.push(values);
  const target: BridgedConsole = { debug: print, log: print, info: print, warn: print, error: print };
  const exporter = new InMemoryLogRecordExporter();
  const loggerProvider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] });
  return { target, print, printed, loggerProvider, records: () => exporter.getFinishedLogRecords() };
}

test('what is printed in an operation is also a log record in its trace, with identity and caller', async () => {
  const { target, printed, loggerProvider, records } = bridged();
  using _bridge = bridgeConsole({ console: target, loggerProvider });
  const runtime = createRuntime({ tracerProvider: new BasicTracerProvider() });
  const span = await runtime.run(
    'answer',
    (scope) => {
      target.warn('ticket %d is late', 7);
      return scope.spanContext;
    },
    { as: user('ada'), identity: { extend: { 'component.name': 'desk' } } },
  );
  const [record] = records();
  expect(printed).toEqual([['ticket %d is late', 7]]);
  expect(record).toMatchObject({
    body: 'ticket 7 is late',
    severityNumber: 13,
    severityText: 'WARN',
    spanContext: { traceId: span.traceId, spanId: span.spanId },
  });
  expect(record?.attributes).toEqual({ 'component.name': 'desk', 'execution.context': 'user', 'caller.id': 'ada' });
});

test('each method of the console has its severity', () => {
  const { target, loggerProvider, records } = bridged();
  using _bridge = bridgeConsole({ console: target, loggerProvider });
  for (const method of ['debug', 'log', 'info', 'warn', 'error'] as const) target[method](method);
  expect(records().map(({ body, severityText }) => [body, severityText])).toEqual([
    ['debug', 'DEBUG'],
    ['log', 'INFO'],
    ['info', 'INFO'],
    ['warn', 'WARN'],
    ['error', 'ERROR'],
  ]);
});

test('disposing gives the console its own methods back', () => {
  const { target, print, loggerProvider, records } = bridged();
  bridgeConsole({ console: target, loggerProvider })[Symbol.dispose]();
  target.log('quiet');
  expect(target.log).toBe(print);
  expect(records()).toEqual([]);
});

test('a method that somebody wrapped after the bridge keeps that wrapper when the bridge goes', () => {
  const { target, printed, loggerProvider, records } = bridged();
  const bridge = bridgeConsole({ console: target, loggerProvider });
  const inner = target.log;
  target.log = (...values) => inner('wrapped', ...values);
  bridge[Symbol.dispose]();
  target.log('text');
  expect(printed).toEqual([['wrapped', 'text']]);
  expect(records()).toEqual([]);
});

test('what exporters print while they export is not exported in turn', () => {
  const { target, loggerProvider, records } = bridged();
  using _bridge = bridgeConsole({ console: target, loggerProvider });
  context.with(suppressTracing(context.active()), () => target.error('export failed'));
  expect(records()).toEqual([]);
});

test('a logger that throws, and a diagnostic logger that prints it, leave printing as it was', () => {
  const { target, printed } = bridged();
  const loggerProvider = {
    getLogger() {
      throw new Error('broken logger');
    },
  };
  using _bridge = bridgeConsole({ console: target, loggerProvider });
  diag.setLogger({ ...target, verbose: target.log }, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  target.log('text');
  diag.disable();
  expect(printed[0]).toEqual(['text']);
});
