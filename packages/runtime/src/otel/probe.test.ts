import { type ContextManager, context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  type Sampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { probeTelemetry } from './index.ts';

const registryKey = Symbol.for('opentelemetry.js.api.1');

beforeEach(() => {
  context.disable();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});

afterEach(() => trace.disable());

function faults({ findings }: { findings: readonly { fault: string }[] }): string[] {
  return findings.map(({ fault }) => fault);
}

test('a working set-up has no finding, and names the version of the SDK', async () => {
  trace.setGlobalTracerProvider(new BasicTracerProvider());
  expect(await probeTelemetry()).toEqual({ ok: true, findings: [], sdkVersion: '2.12.0' });
});

test('without an SDK the finding says how to get one', async () => {
  const probe = await probeTelemetry();
  expect(probe.ok).toBe(false);
  expect(probe.findings).toEqual([{ fault: 'no_tracer_provider', message: expect.stringContaining('Call startTelemetry') }]);
});

test('without a context manager, and with one that forgets over an await, context is at fault', async () => {
  const tracerProvider = new BasicTracerProvider();
  context.disable();
  expect(faults(await probeTelemetry({ tracerProvider }))).toEqual(['no_context_manager']);
  context.setGlobalContextManager(synchronousManager());
  expect(faults(await probeTelemetry({ tracerProvider }))).toEqual(['context_lost']);
});

test('only a sampler that drops everything is at fault: a ratio, however small, is not', async () => {
  const nothing = new BasicTracerProvider({ sampler: new AlwaysOffSampler() });
  const little = new BasicTracerProvider({ sampler: new TraceIdRatioBasedSampler(0.000001) });
  expect(faults(await probeTelemetry({ tracerProvider: nothing }))).toEqual(['sampled_out']);
  expect(faults(await probeTelemetry({ tracerProvider: little }))).toEqual([]);
});

test('a sampler that throws is a finding and not an error', async () => {
  const sampler: Sampler = {
    shouldSample() {
      throw new Error('broken sampler');
    },
  };
  expect(faults(await probeTelemetry({ tracerProvider: new BasicTracerProvider({ sampler }) }))).toEqual(['spans_throw']);
});

test('globals registered by an older copy of the API are named with both versions', async () => {
  const registry: unknown = Reflect.get(globalThis, registryKey);
  Reflect.set(globalThis, registryKey, { version: '1.8.0', trace: {}, context: new AsyncLocalStorageContextManager().enable() });
  const probe = await probeTelemetry();
  Reflect.set(globalThis, registryKey, registry);
  expect(faults(probe)).toEqual(['api_copies']);
  expect(probe.findings[0]?.message).toContain('1.8.0 registered the globals, Tracewright imports 1.9.1');
});

test('an SDK of another generation is named', async () => {
  const resource = resourceFromAttributes({ 'telemetry.sdk.version': '1.30.1' });
  expect(faults(await probeTelemetry({ tracerProvider: new BasicTracerProvider({ resource }) }))).toEqual(['untested_sdk']);
});

test('the probe’s span ends, so that nothing keeps it, and is not sampled then, so that nothing exports it', async () => {
  const seen: string[] = [];
  const processor: SpanProcessor = {
    onStart: (span) => void seen.push(`start ${span.name}`),
    onEnd: (span) => void seen.push(`end ${span.name} ${span.spanContext().traceFlags}`),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  await probeTelemetry({ tracerProvider: new BasicTracerProvider({ spanProcessors: [processor] }) });
  expect(seen).toEqual(['start tracewright.probe', 'end tracewright.probe 0']);
});

/** Context for the time of a call only, as managers without async hooks have it. */
function synchronousManager(): ContextManager {
  let current = ROOT_CONTEXT;
  const manager: ContextManager = {
    active: () => current,
    with(active, fn, thisArg, ...args) {
      const before = current;
      current = active;
      try {
        return fn.call(thisArg as ThisParameterType<typeof fn>, ...args);
      } finally {
        current = before;
      }
    },
    bind: (_context, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}
