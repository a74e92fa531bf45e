import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { createRuntime } from 'tracewright';
import { startTelemetry } from 'tracewright/otel';
import { expect, test } from 'vitest';

test('a span processor of the author sees every span of the work and none of the probe, also where nothing is exported', async () => {
  const seen: string[] = [];
  let flushed = 0;
  const telemetry = await startTelemetry({
    serviceName: 'desk',
    env: {},
    spanProcessors: [
      {
        onStart: (span: ReadableSpan) => seen.push(`${span.name} starts`),
        onEnd: (span: ReadableSpan) => seen.push(`${span.name} ends`),
        forceFlush: async () => void (flushed += 1),
        shutdown: () => Promise.resolve(),
      },
    ],
  });
  await createRuntime().run('work', () => 1);
  await expect(telemetry.close()).resolves.toEqual({ ok: true, failures: [] });
  expect({ seen, flushed, signals: telemetry.signals }).toEqual({ seen: ['work starts', 'work ends'], flushed: 1, signals: ['traces'] });
});

test('span processors that are no array are refused', async () => {
  await expect(startTelemetry({ env: {}, spanProcessors: {} as never })).rejects.toMatchObject({ code: 'TW_BAD_OPTION' });
});

test.each([[null], [{}], [{ onStart: () => undefined }]])(
  'a span processor that is %s is refused before anything starts',
  async (processor) => {
    await expect(startTelemetry({ env: {}, spanProcessors: [processor as never] })).rejects.toMatchObject({ code: 'TW_BAD_OPTION' });
  },
);

test('a logger and an exporter that throw what cannot be shown keep neither start nor close from giving the globals back', async () => {
  const logger = {
    warn: () => {
      throw new Error('no log');
    },
  };
  const exporter = {
    export: (_: never, done: (result: unknown) => void) => done({ code: 1, error: Object.create(null) }),
    shutdown: () => Promise.reject(Object.create(null)),
  };
  const telemetry = await startTelemetry({ env: { OTEL_TRACES_SAMPLER: 'bogus' }, logger, exporters: { traces: exporter as never } });
  await createRuntime().run('work', () => 1);
  await expect(telemetry.close()).resolves.toMatchObject({ ok: false, failures: [{ signal: 'traces' }] });
  const again = await startTelemetry({
    env: {},
    spanProcessors: [
      { onStart: () => undefined, onEnd: () => undefined, forceFlush: async () => undefined, shutdown: async () => undefined },
    ],
  });
  expect(again.signals).toEqual(['traces']);
  await again.close();
});
