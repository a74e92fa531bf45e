import assert from 'node:assert/strict';
import { hookType } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { linkedFrom, parentsOf } from '../seen-span.ts';
import { signalled, someTurns } from '../waiting.ts';

const answered = hookType<{ readonly tokens: number }>()('answered');

export const observerOutlivesItsOperation = defineCase({
  id: 'observer-outlives-its-operation',
  title: 'An observer writes an audit record that no operation shall wait for',
  source: 'pain',
  guarantee: 3,
  plain: {
    breakage: 'the record is written below an operation that has ended: the trace grows after its end, and may be sent without it',
    async run() {
      const plain = recordPlain();
      const written = signalled();
      let writing: Promise<void> | undefined;
      const observe = async (): Promise<void> => {
        await written.promise;
        plain.tracer.startSpan('write audit record').end();
      };
      plain.tracer.startActiveSpan('answer', (answer) => {
        writing = observe();
        answer.end();
      });
      written.resolve();
      await writing;
      assert.deepEqual(parentsOf(plain.spans, 'write audit record'), ['answer']);
    },
  },
  tracewright: {
    promise: 'a hook in the background is detached: its work is a trace of its own, linked to the operation',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      const written = signalled();
      runtime.hooks.add({
        hook: answered,
        mode: 'background',
        run: async ({ tokens }, { scope }) => {
          await written.promise;
          await scope.run({ name: 'write audit record', attributes: { tokens } }, () => undefined);
        },
      });
      await runtime.run('answer', (scope) => void scope.fire(answered, () => ({ tokens: 12 })));
      assert.deepEqual(traces.open, []);
      written.resolve();
      await someTurns();
      assert.deepEqual(parentsOf(traces.spans, 'write audit record'), ['none']);
      assert.deepEqual(linkedFrom(traces.spans, 'write audit record'), ['answer']);
    },
  },
});
