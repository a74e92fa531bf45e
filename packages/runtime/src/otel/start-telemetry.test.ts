import { metrics, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { BasicTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { expect, test } from 'vitest';
import { createRuntime, isTracewrightError, user } from '../index.ts';
import { processNonce, startTelemetry, type TelemetryExporter, type TelemetryOptions } from './index.ts';

type Done = (result: { code: number; error?: Error }) => void;

/** An exporter that keeps what it is given. */
function keeping<Item>() {
  const items: Item[] = [];
  const exporter = {
    export(batch: Item[], done: Done): void {
      items.push(...batch);
      done({ code: 0 });
    },
    shutdown: () => Promise.resolve(),
  };
  return { items, exporter };
}

const quiet = { env: {}, logger: { warn() {} } };

/** Starts with traces to memory, runs one operation, closes, and gives its span. */
async function spanOf(options: TelemetryOptions): Promise<ReadableSpan | undefined> {
  const { items, exporter } = keeping<ReadableSpan>();
  const telemetry = await startTelemetry({ ...quiet, exporters: { traces: exporter }, ...options });
  await createRuntime().run({ name: 'answer', attributes: { text: 'long text', other: 1 } }, () => undefined);
  await telemetry.close();
  return items[0];
}

async function refusal(options: TelemetryOptions): Promise<string> {
  const error: unknown = await startTelemetry({ ...quiet, ...options }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return isTracewrightError(error) ? `${error.code} ${error.message}` : 'started';
}

test('nothing is started where neither an option nor a variable names an exporter or an endpoint', async () => {
  await using telemetry = await startTelemetry(quiet);
  expect(telemetry).toMatchObject({ enabled: false, signals: [], warnings: [] });
  expect(trace.getTracer('host').startSpan('probe').isRecording()).toBe(false);
});

test('OTEL_SDK_DISABLED turns everything off, whatever else is asked for', async () => {
  await using telemetry = await startTelemetry({ ...quiet, exporters: 'console', env: { OTEL_SDK_DISABLED: 'True' } });
  expect(telemetry.enabled).toBe(false);
});

test('each signal follows its own variable; none beside others wins', async () => {
  const env = {
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'otlp,none',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  };
  const telemetry = await startTelemetry({ ...quiet, env });
  expect(telemetry.signals).toEqual(['traces']);
  expect(await telemetry.close()).toEqual({ ok: true, failures: [] });
});

test('an option wins over the variable of the same meaning', async () => {
  const span = await spanOf({
    serviceName: 'shop',
    env: { OTEL_SERVICE_NAME: 'other', OTEL_TRACES_EXPORTER: 'none', OTEL_RESOURCE_ATTRIBUTES: 'team=blue,service.version=2' },
  });
  expect(span?.resource.attributes).toMatchObject({
    'service.name': 'shop',
    'service.version': '2',
    team: 'blue',
    'telemetry.sdk.language': 'nodejs',
  });
});

test('R9: the resource has the name, and the instance, that a process without settings has; its spans have no copy', async () => {
  const span = await spanOf({});
  expect(span?.resource.attributes).toMatchObject({ 'service.name': 'unknown_service:node', 'service.instance.id': processNonce() });
  expect(span?.attributes).not.toHaveProperty('process.nonce');
});

test('R9: where it is asked for, each span carries the nonce of the process, which is that of the resource', async () => {
  const span = await spanOf({ nonceOnSpans: true, resource: { 'service.instance.id': 'pod-9' } });
  expect(span?.attributes).toMatchObject({ 'process.nonce': 'pod-9' });
  expect(span?.resource.attributes).toMatchObject({ 'service.instance.id': 'pod-9' });
});

test('R9: an instance id given from outside becomes the nonce of the process, and is in the one boot record', async () => {
  const { items, exporter } = keeping<ReadableLogRecord>();
  const env = { OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=pod-7,service.name=a%20b' };
  const telemetry = await startTelemetry({ ...quiet, env, exporters: { logs: exporter } });
  await telemetry.close();
  expect(processNonce()).toBe('pod-7');
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ eventName: 'tracewright.boot', severityText: 'INFO', attributes: { 'process.nonce': 'pod-7' } });
  expect(items[0]?.resource.attributes).toMatchObject({ 'service.instance.id': 'pod-7', 'service.name': 'a b' });
});

test('resource attributes that cannot be read are told and left out', async () => {
  const { exporter } = keeping<ReadableSpan>();
  const told: string[] = [];
  const logger = { warn: (message: string) => void told.push(message) };
  await using telemetry = await startTelemetry({ env: { OTEL_RESOURCE_ATTRIBUTES: 'team' }, logger, exporters: { traces: exporter } });
  expect(telemetry.warnings).toEqual(['OTEL_RESOURCE_ATTRIBUTES is "team", not a list of key=value pairs: all of it is left out']);
  expect(told).toEqual(telemetry.warnings.map((warning) => `tracewright: ${warning}`));
});

test.each([
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc", expected http/protobuf'],
  [{ OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json' }, 'OTEL_EXPORTER_OTLP_LOGS_PROTOCOL is "http/json", expected http/protobuf'],
  [{ OTEL_METRICS_EXPORTER: 'prometheus' }, 'OTEL_METRICS_EXPORTER is "prometheus", expected otlp, console or none'],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' }, 'OTEL_EXPORTER_OTLP_ENDPOINT is "collector", expected an http or https URL'],
  [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'zip' }, 'OTEL_EXPORTER_OTLP_COMPRESSION is "zip", expected gzip or none'],
  [{ OTEL_EXPORTER_OTLP_HEADERS: 'secret-token' }, 'OTEL_EXPORTER_OTLP_HEADERS is not a list of name=value pairs'],
])('a variable that cannot be followed is an error that names it: %j', async (env, message) => {
  expect(await refusal({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', ...env } })).toBe(`TW_TELEMETRY_SETUP ${message}`);
  expect(trace.getTracer('host').startSpan('probe').isRecording()).toBe(false);
});

test('a wrong option is refused by name', async () => {
  const misspelt = { exporter: 'otlp' } as TelemetryOptions;
  expect(await refusal(misspelt)).toContain('TW_BAD_OPTION startTelemetry.exporter is not an option');
  expect(await refusal({ exporters: { traces: 'zipkin' as 'otlp' } })).toBe(
    "TW_BAD_OPTION exporters.traces must be 'otlp', 'console', 'none', an exporter, or an array of them, received 'zipkin'",
  );
});

test.each([
  ['always_on', '', true],
  ['always_off', '', false],
  ['traceidratio', '1', true],
  ['traceidratio', '0', false],
  ['parentbased_always_on', '', true],
  ['parentbased_always_off', '', false],
  ['parentbased_traceidratio', '0', false],
])('the sampler %s %s samples a root: %s', async (name, argument, sampled) => {
  const span = await spanOf({ env: { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument } });
  expect(span !== undefined).toBe(sampled);
});

test('an unknown sampler and a wrong ratio are told, and everything is sampled', async () => {
  const { exporter } = keeping<ReadableSpan>();
  await using first = await startTelemetry({ ...quiet, exporters: { traces: exporter }, env: { OTEL_TRACES_SAMPLER: 'most' } });
  expect(first.warnings).toEqual([expect.stringContaining('OTEL_TRACES_SAMPLER is "most"')]);
  await first.close();
  const env = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '7' };
  await using second = await startTelemetry({ ...quiet, exporters: { traces: exporter }, env });
  expect(second.warnings).toEqual(['OTEL_TRACES_SAMPLER_ARG is "7", expected a number from 0 to 1: 1 is used']);
  expect(trace.getTracer('host').startSpan('probe').isRecording()).toBe(true);
});

test('limits of spans come from their variables; a wrong number is told', async () => {
  const span = await spanOf({ env: { OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '4', OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: 'many' } });
  expect(span?.attributes['text']).toBe('long');
});

test('a span of a library carries who executes', async () => {
  const { items, exporter } = keeping<ReadableSpan>();
  const telemetry = await startTelemetry({ ...quiet, exporters: { traces: exporter } });
  await createRuntime().run('answer', () => trace.getTracer('library').startSpan('query').end(), { as: user('ada') });
  await telemetry.close();
  expect(items.find(({ name }) => name === 'query')?.attributes).toMatchObject({ 'caller.id': 'ada' });
});

test('the probe leaves no span behind', async () => {
  const { items, exporter } = keeping<ReadableSpan>();
  const telemetry = await startTelemetry({ ...quiet, exporters: { traces: exporter } });
  await telemetry.close();
  expect(items).toEqual([]);
});

test('a provider that the host has registered stays, and is still there after close', async () => {
  const host = new BasicTracerProvider();
  trace.setGlobalTracerProvider(host);
  const telemetry = await startTelemetry({ ...quiet, exporters: { traces: keeping().exporter, logs: keeping().exporter } });
  expect(telemetry.signals).toEqual(['logs']);
  expect(telemetry.warnings).toEqual([expect.stringContaining('traces are left to the host')]);
  await telemetry.close();
  expect(trace.getTracer('host').startSpan('work').isRecording()).toBe(true);
  trace.disable();
});

test('close gives up the globals that were registered, once, and says the same again', async () => {
  const choices = { traces: keeping().exporter, metrics: keeping().exporter, logs: keeping().exporter };
  const telemetry = await startTelemetry({ ...quiet, exporters: choices });
  expect(telemetry).toMatchObject({ enabled: true, signals: ['traces', 'metrics', 'logs'], warnings: [] });
  const before = [metrics.getMeterProvider(), logs.getLoggerProvider()];
  const report = await telemetry.close();
  expect(report).toEqual({ ok: true, failures: [] });
  expect(await telemetry.close()).toBe(report);
  expect(trace.getTracer('host').startSpan('probe').isRecording()).toBe(false);
  expect(before).not.toContain(metrics.getMeterProvider());
  expect(before).not.toContain(logs.getLoggerProvider());
});

test('close says which signal could not be delivered, and why; work never notices', async () => {
  const refusing: TelemetryExporter = {
    export: (_items: never, done: Done) => done({ code: 1, error: new Error('collector is full') }),
    shutdown: () => Promise.resolve(),
  };
  const throwing: TelemetryExporter = {
    export() {
      throw new Error('broken exporter');
    },
    shutdown: () => Promise.reject(new Error('cannot close')),
  };
  const told: string[] = [];
  const telemetry = await startTelemetry({
    env: {},
    logger: { warn: (message) => void told.push(message) },
    exporters: { traces: refusing, logs: throwing },
  });
  await expect(createRuntime().run('answer', () => 42)).resolves.toBe(42);
  const { ok, failures } = await telemetry.close();
  expect(ok).toBe(false);
  expect(failures.map(({ message }) => message)).toEqual([
    'traces: 1 export failed, the last with collector is full',
    'logs: 1 export failed, the last with broken exporter',
  ]);
  expect(told).toEqual(failures.map(({ message }) => `tracewright: ${message}`));
});

test('an exporter that hangs costs close its deadline and no more', async () => {
  const hanging: TelemetryExporter = { export() {}, shutdown: () => new Promise(() => {}) };
  const telemetry = await startTelemetry({ ...quiet, exporters: { traces: hanging } });
  await createRuntime().run('answer', () => undefined);
  const { failures } = await telemetry.close({ timeoutMs: 1 });
  expect(failures).toEqual([{ signal: 'traces', message: 'traces: not flushed and shut down within 1 ms; is the receiver reachable?' }]);
});
