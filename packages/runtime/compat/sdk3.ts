/**
 * The promises of the runtime, kept beside SDK 3 and API 1.10 as a host brings them. Run by `run-sdk3.mjs` against the packed packages.
 */
import { context, propagation, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import assert from 'node:assert/strict';
import { createRuntime, currentScope, isTracewrightError, type Runtime, type Scope, user } from 'tracewright';
import { bridgeConsole, logFields, probeTelemetry, spanProcessor, startTelemetry } from 'tracewright/otel';

const exporter = new InMemorySpanExporter();
const processors = [spanProcessor(), new SimpleSpanProcessor({ exporter })];
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: processors }));
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const library = trace.getTracer('some-library');

/** Runs `work` with a runtime on the globals, closes it, and gives its spans in the order in which they ended. */
async function spansOf(work: (runtime: Runtime) => Promise<unknown>): Promise<readonly ReadableSpan[]> {
  exporter.reset();
  const runtime = createRuntime({ service: { name: 'shop' } });
  await work(runtime);
  await runtime.close();
  return exporter.getFinishedSpans();
}

function named(spans: readonly ReadableSpan[], name: string): ReadableSpan {
  const found = spans.filter((span) => span.name === name);
  assert.equal(found.length, 1, `one span ${name} among ${spans.map((span) => span.name).join(', ')}`);
  const [span] = found;
  assert.ok(span);
  return span;
}

const parentOf = (span: ReadableSpan): string | undefined => span.parentSpanContext?.spanId;
const idOf = (span: ReadableSpan): string => span.spanContext().spanId;

const cases: Record<string, () => Promise<void>> = {
  'the SDK beside us is of generation 3': async () => {
    const { ok, findings, sdkVersion } = await probeTelemetry();
    assert.deepEqual({ ok, findings }, { ok: true, findings: [] });
    assert.match(sdkVersion ?? '', /^3\./);
  },

  'the probe exports no span': async () => {
    assert.deepEqual(await spansOf(() => probeTelemetry()), []);
  },

  'operations nest, and carry who executes': async () => {
    const spans = await spansOf((runtime) => runtime.run('outer', (scope) => scope.run('inner', () => 1), { as: user('ada') }));
    assert.equal(parentOf(named(spans, 'inner')), idOf(named(spans, 'outer')));
    for (const span of spans) assert.equal(span.attributes['caller.id'], 'ada');
  },

  'the host’s active span is the parent': async () => {
    const spans = await spansOf((runtime) =>
      library.startActiveSpan('request', async (span) => {
        await runtime.run('handle', () => undefined);
        span.end();
      }),
    );
    assert.equal(parentOf(named(spans, 'handle')), idOf(named(spans, 'request')));
  },

  'a stream keeps its caller, whoever pulls': async () => {
    const spans = await spansOf(async (runtime) => {
      const stream = await runtime.run('request', (scope) => scope.detach().stream('generate', produce));
      for await (const _item of stream) library.startSpan('consumer').end();
    });
    const generate = named(spans, 'generate');
    assert.equal(generate.attributes['tracewright.outcome'], 'done');
    assert.equal(generate.attributes['tracewright.stream.items'], 2);
    const parentsOf = (name: string) => spans.filter((span) => span.name === name).map(parentOf);
    assert.deepEqual(parentsOf('produce'), [idOf(generate), idOf(generate)]);
    assert.deepEqual(parentsOf('consumer'), [undefined, undefined]);
  },

  'identity and caller are on spans of libraries, and the call site wins': async () => {
    const spans = await spansOf((runtime) =>
      runtime.run('answer', () => library.startSpan('query', { attributes: { 'caller.id': 'pool' } }).end(), {
        as: user('ada'),
        identity: { extend: { 'component.name': 'desk' } },
      }),
    );
    assert.deepEqual(
      { ...named(spans, 'query').attributes },
      { 'component.name': 'desk', 'execution.context': 'user', 'caller.id': 'pool' },
    );
  },

  'a failure is recorded once, on the operation that failed': async () => {
    const failing = (scope: Scope): Promise<never> => scope.run('inner', () => Promise.reject(new TypeError('no such order')));
    const spans = await spansOf((runtime) => assert.rejects(runtime.run('outer', failing), new TypeError('no such order')));
    const inner = named(spans, 'inner');
    assert.equal(inner.status.code, SpanStatusCode.ERROR);
    assert.equal(inner.attributes['error.type'], 'TypeError');
    const exceptions = spans.flatMap(({ name, events }) =>
      events.map((event) => `${name} ${event.name} ${String(event.attributes?.['exception.message'])}`),
    );
    assert.deepEqual(exceptions, ['inner exception no such order']);
  },

  'an own root is linked to what was active': async () => {
    const spans = await spansOf((runtime) => runtime.run('request', (scope) => scope.run({ name: 'job', root: true }, () => undefined)));
    const job = named(spans, 'job');
    const request = named(spans, 'request');
    assert.notEqual(job.spanContext().traceId, request.spanContext().traceId);
    assert.deepEqual(
      job.links.map((link) => link.context.spanId),
      [idOf(request)],
    );
  },

  'detached work outlives its operation as a linked root': async () => {
    let later: Promise<unknown> | undefined;
    const spans = await spansOf(async (runtime) => {
      await runtime.run('request', (scope) => {
        const detached = scope.detach();
        later = new Promise((resolve) => setImmediate(resolve)).then(() => detached.run('cleanup', () => undefined));
      });
      await later;
    });
    const cleanup = named(spans, 'cleanup');
    assert.equal(parentOf(cleanup), undefined);
    assert.equal(cleanup.links[0]?.context.spanId, idOf(named(spans, 'request')));
  },

  'log lines find their trace': async () => {
    const spans = await spansOf((runtime) =>
      runtime.run('answer', (scope) => scope.set({ line: JSON.stringify(logFields()) }), { as: user('ada') }),
    );
    const answer = named(spans, 'answer');
    const { traceId, spanId } = answer.spanContext();
    assert.deepEqual(JSON.parse(String(answer.attributes['line'])), {
      trace_id: traceId,
      span_id: spanId,
      trace_flags: '01',
      'execution.context': 'user',
      'caller.id': 'ada',
    });
  },

  'console lines reach the logger provider of API 1.10': async () => {
    const bodies: unknown[] = [];
    const console = { debug() {}, log() {}, info() {}, warn() {}, error() {} };
    // Where API 1.10 keeps it; typed by this workspace's older API, `logs` is not there.
    const registry: unknown = Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1'));
    assert.ok(typeof registry === 'object' && registry !== null);
    Reflect.set(registry, 'logs', { getLogger: () => ({ emit: (record: { body?: unknown }) => bodies.push(record.body) }) });
    using _bridge = bridgeConsole({ console });
    await Promise.resolve(console.log());
    Reflect.deleteProperty(registry, 'logs');
    assert.deepEqual(bodies, ['']);
  },

  'startTelemetry says that it is for SDK 2, and what to do instead': async () => {
    const error: unknown = await startTelemetry({ exporters: { traces: 'otlp' } }).catch((reason: unknown) => reason);
    assert.ok(isTracewrightError(error, 'TW_TELEMETRY_SETUP'), String(error));
    assert.match(error.message, /not installed: .*@opentelemetry\/sdk-trace-base.* set up that SDK instead, with spanProcessor\(\)/);
  },

  'the current scope is found across awaits': async () => {
    await spansOf((runtime) =>
      runtime.run('answer', async () => {
        await new Promise((resolve) => setImmediate(resolve));
        assert.equal(currentScope()?.name, 'answer');
      }),
    );
    assert.equal(currentScope(), undefined);
  },

  'globals of an older API copy are named by the probe, where spans would be lost in silence': async () => {
    for (const api of [trace, context, propagation]) api.disable();
    Reflect.deleteProperty(globalThis, Symbol.for('opentelemetry.js.api.1'));
    const alias = '@opentelemetry/api-1-9';
    // The alias exists only where run-sdk3.mjs has installed it: the 1.9 line of this very API.
    const older = (await import(alias)) as typeof import('@opentelemetry/api');
    older.trace.setGlobalTracerProvider(new TracerProvider());
    assert.equal(trace.getTracer('shop').startSpan('lost', {}, ROOT_CONTEXT).isRecording(), false);
    const { findings } = await probeTelemetry();
    assert.deepEqual(
      findings.map(({ fault }) => fault),
      ['api_copies'],
    );
    assert.match(findings[0]?.message ?? '', /1\.9\.\d+ registered the globals, Tracewright imports 1\.10\./);
  },
};

async function* produce(): AsyncGenerator<number> {
  for (const item of [1, 2]) {
    library.startSpan('produce').end();
    yield item;
    await Promise.resolve();
  }
}

let failed = 0;
for (const [name, run] of Object.entries(cases)) {
  try {
    await run();
  } catch (error) {
    failed += 1;
    console.error(`FAILED: ${name}\n`, error);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
console.log(`${Object.keys(cases).length - failed} passed, ${failed} failed`);
