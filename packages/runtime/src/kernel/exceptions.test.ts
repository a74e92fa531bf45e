import { logs } from '@opentelemetry/api-logs';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-base';
import { user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => vi.unstubAllEnvs());

function recordLogs(): { provider: LoggerProvider; exporter: InMemoryLogRecordExporter } {
  const exporter = new InMemoryLogRecordExporter();
  return { exporter, provider: new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] }) };
}

const fail = (): never => {
  throw new RangeError('too much', { cause: new Error('the reason') });
};

test.each([
  [undefined, { events: 1, records: 0 }],
  ['logs', { events: 0, records: 1 }],
  ['logs/dup', { events: 1, records: 1 }],
  ['something else', { events: 1, records: 0 }],
])('G6: with OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN=%s an exception is recorded once in each place', async (optIn, expected) => {
  vi.stubEnv('OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN', optIn);
  using traces = recordTraces();
  const { exporter, provider } = recordLogs();
  const runtime = traces.runtime({ loggerProvider: provider });
  await runtime.run('outer', (scope) => scope.run('inner', fail), { as: user('ada') }).catch(() => undefined);
  const records = exporter.getFinishedLogRecords();
  expect({ events: traces.spans.flatMap(({ events }) => events).length, records: records.length }).toEqual(expected);
  for (const { eventName, severityText, attributes, spanContext } of records) {
    expect({ eventName, severityText, spanId: spanContext?.spanId, attributes }).toMatchObject({
      eventName: 'exception',
      severityText: 'ERROR',
      spanId: traces.find('inner').spanId,
      attributes: { 'exception.type': 'RangeError', 'exception.message': 'too much', 'caller.id': 'ada' },
    });
    expect(attributes['exception.stacktrace']).toMatch(/RangeError: too much[\s\S]*Caused by: Error: the reason/);
  }
});

test('G6: an exception becomes a log record even where its trace is not sampled', async () => {
  vi.stubEnv('OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN', 'logs');
  using traces = recordTraces({ sampler: new AlwaysOffSampler() });
  const { exporter, provider } = recordLogs();
  logs.setGlobalLoggerProvider(provider);
  await traces
    .runtime()
    .run('work', fail)
    .catch(() => undefined);
  logs.disable();
  expect(exporter.getFinishedLogRecords().map(({ eventName }) => eventName)).toEqual(['exception']);
});

test('G9: a logger that throws changes no result', async () => {
  vi.stubEnv('OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN', 'logs');
  using traces = recordTraces();
  const loggerProvider = {
    getLogger: () => ({
      emit: () => {
        throw new Error('no log');
      },
    }),
  };
  await expect(traces.runtime({ loggerProvider }).run('work', fail)).rejects.toThrow('too much');
  expect(traces.find('work')).toMatchObject({ ends: 1, status: { code: 'ERROR' } });
});
