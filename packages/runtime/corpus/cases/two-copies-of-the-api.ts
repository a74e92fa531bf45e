import assert from 'node:assert/strict';
import { diag, trace } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { probeTelemetry } from 'tracewright/otel';
import { recordTraces } from 'tracewright/testing';
import { registerContextManager } from '../context-manager.ts';
import { defineCase } from '../hostile-case.ts';

const registryKey = Symbol.for('opentelemetry.js.api.1');

/** Runs `program` in a process in which another, older copy of the API has registered a tracer provider. */
async function withOlderCopy(program: () => Promise<void>): Promise<void> {
  const before: unknown = Reflect.get(globalThis, registryKey);
  Reflect.set(globalThis, registryKey, { version: '1.2.0', trace: new BasicTracerProvider() });
  try {
    await program();
  } finally {
    Reflect.set(globalThis, registryKey, before);
    if (before === undefined) registerContextManager();
  }
}

export const twoCopiesOfTheApi = defineCase({
  id: 'two-copies-of-the-api',
  title: 'The host’s SDK was registered by an older copy of the API',
  source: 'pain',
  guarantee: 8,
  plain: {
    breakage: 'the newer copy records nothing, and says nothing',
    run: () =>
      withOlderCopy(async () => {
        const complaints: string[] = [];
        const keep = (message: string): void => void complaints.push(message);
        diag.setLogger({ error: keep, warn: keep, info: keep, debug: keep, verbose: keep });
        const span = trace.getTracer('corpus').startSpan('request');
        diag.disable();
        assert.equal(span.isRecording(), false);
        assert.deepEqual(complaints, []);
      }),
  },
  tracewright: {
    promise: 'the probe says what is wrong and how to mend it, and a provider that is handed over works nevertheless',
    run: () =>
      withOlderCopy(async () => {
        const { findings } = await probeTelemetry();
        assert.deepEqual(
          findings.map(({ fault }) => fault),
          ['api_copies'],
        );
        assert.match(findings[0]?.message ?? '', /1\.2\.0.*npm ls @opentelemetry\/api/s);
        using traces = recordTraces();
        await traces.runtime().run('request', (request) => request.run('query', () => undefined));
        assert.equal(traces.render({ caller: false }), 'request\n└─ query');
      }),
  },
});
