import assert from 'node:assert/strict';
import { trace } from '@opentelemetry/api';
import type { Runtime } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { someTurns } from '../waiting.ts';

export const testsShareOneRecorder = defineCase({
  id: 'tests-share-one-recorder',
  title: 'Two tests of one program run at the same time',
  source: 'pain',
  guarantee: 8,
  plain: {
    breakage: 'the program uses the global provider, so that each test sees the other’s spans, with other ids in every run',
    async run() {
      const plain = recordPlain();
      trace.setGlobalTracerProvider(plain.provider);
      const load = async (): Promise<void> => {
        const span = trace.getTracer('program').startSpan('load');
        await someTurns();
        span.end();
      };
      const oneTest = async (): Promise<number> => {
        await load();
        return plain.spans.length;
      };
      const seen = await Promise.all([oneTest(), oneTest()]).finally(() => trace.disable());
      assert.ok(seen.some((count) => count !== 1));
    },
  },
  tracewright: {
    promise: 'each test has a recorder of its own, nothing global is touched, and the trace is a text that is the same in every run',
    async run() {
      const load = (runtime: Runtime): Promise<void> => runtime.run('load', (scope) => scope.run('parse', someTurns));
      const oneTest = async (): Promise<string> => {
        using traces = recordTraces();
        await load(traces.runtime());
        assert.deepEqual(traces.check(), []);
        return traces.render({ caller: false });
      };
      const seen = await Promise.all([oneTest(), oneTest()]);
      assert.deepEqual(seen, ['load\n└─ parse', 'load\n└─ parse']);
      assert.equal(trace.getTracer('program').startSpan('load').isRecording(), false);
    },
  },
});
