import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { user } from 'tracewright';
import { plantCanaries, recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';

export const credentialsOnASpan = defineCase({
  id: 'credentials-on-a-span',
  title: 'Somebody describes the caller on a span, in every way there is',
  source: 'pain',
  guarantee: 7,
  plain: {
    breakage: 'the token of the caller is in the export',
    async run() {
      const canaries = plantCanaries(['token']);
      const exporter = new InMemorySpanExporter();
      const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer('corpus');
      const caller = { id: 'ada', credentials: canaries.values.token };
      const span = tracer.startSpan('query', { attributes: { caller: JSON.stringify(caller) } });
      span.addEvent('connected', { caller: inspect(caller) });
      span.end();
      const bytes = ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans());
      assert.notDeepEqual(canaries.search(bytes ?? ''), []);
    },
  },
  tracewright: {
    promise: 'credentials are a secret that no attribute, event, status or exception shows',
    async run() {
      using traces = recordTraces();
      const canaries = plantCanaries(['token', 'email']);
      const caller = user('ada', { email: canaries.values.email, credentials: canaries.values.token });
      const querying = traces.runtime().run(
        'query',
        (scope) => {
          const { credentials, id } = caller;
          scope.set({ caller: JSON.stringify({ id, credentials }), shown: inspect(credentials, { depth: 9, showHidden: true }) });
          scope.event('connected', { text: String(credentials), keys: Object.keys(credentials ?? {}) });
          throw new Error(`${id} was refused with ${String(credentials)}`, { cause: credentials });
        },
        { as: caller },
      );
      await assert.rejects(querying, /ada was refused with \[secret\]/);
      assert.deepEqual(canaries.search(traces.export()), []);
      assert.equal(caller.credentials?.reveal(), canaries.values.token);
    },
  },
});
