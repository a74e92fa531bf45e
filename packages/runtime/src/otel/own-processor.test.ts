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
