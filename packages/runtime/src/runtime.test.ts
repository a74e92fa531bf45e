import { readFileSync } from 'node:fs';
import { trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { semanticConventions } from '@tracewright/conventions';
import { createRuntime, operation } from 'tracewright';
import * as names from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

test('spans say which release of which conventions they follow, also where the provider is registered after the runtime was made', async () => {
  const runtime = createRuntime();
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  await runtime.run('work', () => 1);
  trace.disable();
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }; // npm requires it.
  expect(exporter.getFinishedSpans().map(({ instrumentationScope }) => instrumentationScope)).toEqual([
    { name: 'tracewright', version, schemaUrl: semanticConventions.schemaUrl },
  ]);
});

test('the runtime has these public names', () => {
  expect(Object.keys(names).toSorted()).toEqual([
    'Secret',
    'TracewrightError',
    'agent',
    'block',
    'breaker',
    'cache',
    'content',
    'createRuntime',
    'currentScope',
    'exitCode',
    'hook',
    'hookType',
    'isTracewrightError',
    'limit',
    'memoryStore',
    'operation',
    'renderTree',
    'retry',
    'service',
    'showTreeOnSignal',
    'stopOnSignals',
    'systemClock',
    'timeout',
    'user',
  ]);
});

test('a runtime says who the service is, and its current scope runs as the service', () => {
  using traces = recordTraces();
  const runtime = traces.runtime({ service: { name: 'desk', version: '2.0.0' } });
  expect(runtime.service).toEqual({ name: 'desk', version: '2.0.0', principalId: 'desk' });
  expect(runtime.scope.principal).toMatchObject({ kind: 'service', id: 'desk' });
});

test('two runtimes in one process keep their work apart: the other’s operation is the host’s context', async () => {
  using traces = recordTraces();
  const [one, other] = [traces.runtime({ service: { name: 'one' } }), traces.runtime({ service: { name: 'other' } })];
  await one.run('outer', () => other.run(operation({ name: 'inner' }), (scope) => scope.run('innermost', () => 1)));
  expect(traces.render()).toBe(['outer  service one', '└─ inner  service other', '   └─ innermost'].join('\n'));
});
