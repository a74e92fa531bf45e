import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { parentsOf } from '../seen-span.ts';

export const forgottenEnd = defineCase({
  id: 'forgotten-end',
  title: 'A function has a path on which it does not end its span',
  source: 'pain',
  guarantee: 1,
  plain: {
    breakage: 'the span is never exported, and its child names a parent that nobody has',
    async run() {
      const plain = recordPlain();
      const { tracer } = plain;
      const load = (isCached: boolean): string =>
        tracer.startActiveSpan('load', (span) => {
          tracer.startSpan('look up').end();
          if (isCached) return 'cached';
          span.end();
          return 'loaded';
        });
      assert.equal(load(true), 'cached');
      assert.deepEqual(plain.open, ['load']);
      assert.deepEqual(parentsOf(plain.spans, 'look up'), ['missing']);
    },
  },
  tracewright: {
    promise: 'there is no end to forget: the span ends with its body on every path',
    async run() {
      using traces = recordTraces();
      const load = (isCached: boolean): Promise<string> =>
        traces.runtime().run('load', async (scope) => {
          await scope.run('look up', () => undefined);
          return isCached ? 'cached' : 'loaded';
        });
      assert.equal(await load(true), 'cached');
      assert.deepEqual(traces.open, []);
      assert.deepEqual(parentsOf(traces.spans, 'look up'), ['load']);
      assert.deepEqual(traces.check(), []);
    },
  },
});
