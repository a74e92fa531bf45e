import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { probeTelemetry } from 'tracewright/otel';
import { withoutContextManager } from '../context-manager.ts';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { parentsOf, traceCount } from '../seen-span.ts';
import { drain } from '../waiting.ts';

export const noContextManager = defineCase({
  id: 'no-context-manager',
  title: 'Nobody registered a context manager',
  source: 'pain',
  guarantee: 8,
  plain: {
    breakage: 'every span is a trace of its own, and nothing says why',
    run: () =>
      withoutContextManager(async () => {
        const plain = recordPlain();
        const { tracer } = plain;
        tracer.startActiveSpan('request', (request) => {
          tracer.startActiveSpan('query', (query) => query.end());
          request.end();
        });
        assert.equal(traceCount(plain.spans), 2);
      }),
  },
  tracewright: {
    promise: 'explicit scopes need none: one trace, streams included; and the probe names the fault',
    run: () =>
      withoutContextManager(async () => {
        using traces = recordTraces();
        await traces.runtime().run('request', async (request) => {
          await request.run('query', () => undefined);
          await drain(
            request.stream('rows', async function* (rows) {
              yield await rows.run('fetch', () => 1);
            }),
          );
        });
        assert.equal(traceCount(traces.spans), 1);
        assert.deepEqual(parentsOf(traces.spans, 'query'), ['request']);
        assert.deepEqual(parentsOf(traces.spans, 'fetch'), ['rows']);
        const { findings } = await probeTelemetry({ tracerProvider: traces.provider });
        assert.deepEqual(
          findings.map(({ fault }) => fault),
          ['no_context_manager'],
        );
      }),
  },
});
