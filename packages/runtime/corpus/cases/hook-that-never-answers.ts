import assert from 'node:assert/strict';
import { block, hookType } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { silence, someTurns } from '../waiting.ts';

const beforeTool = hookType<{ readonly tool: string }>()('tool_pre_call');

/** Asks a service for policies that has gone silent. */
const askPolicies = (): Promise<never> => silence();
/** Looks the tool up in a list. */
const lookUp = async () => block('the tool is not on the list', { code: 'tool_denied' });

export const hookThatNeverAnswers = defineCase({
  id: 'hook-that-never-answers',
  title: 'Two hooks are asked at once whether a tool may be called: one says no, the other is silent',
  source: 'pain',
  guarantee: 1,
  plain: {
    breakage: 'the no is there and nobody sees it: the call hangs, and its span is never exported',
    async run() {
      const plain = recordPlain();
      void plain.tracer.startActiveSpan('call tool', async (span) => {
        try {
          await Promise.all([askPolicies(), lookUp()]);
        } finally {
          span.end();
        }
      });
      await someTurns();
      assert.deepEqual(plain.open, ['call tool']);
      assert.deepEqual(plain.spans, []);
    },
  },
  tracewright: {
    promise: 'the first no ends the operation and its span, which says why, and the silent hook is told to stop',
    async run() {
      const clock = fakeClock();
      using traces = recordTraces({ clock });
      const told: unknown[] = [];
      const silent = {
        hook: beforeTool,
        mode: 'concurrent',
        run: (_call: object, { signal }: { readonly signal: AbortSignal }) => {
          signal.addEventListener('abort', () => told.push(signal.reason));
          return askPolicies();
        },
      } as const;
      const calling = traces
        .runtime({ hooks: [silent, { hook: beforeTool, mode: 'concurrent', run: lookUp }] })
        .run('call tool', (scope) => scope.fire(beforeTool, () => ({ tool: 'rm' })));
      await assert.rejects(calling, { code: 'TW_BLOCKED', message: 'tool_pre_call blocked call tool: the tool is not on the list' });
      const { attributes, ends } = traces.find('call tool');
      assert.deepEqual([attributes['error.type'], attributes['tracewright.block.code'], ends], ['TW_BLOCKED', 'tool_denied', 1]);
      assert.equal(told.length, 1);
      assert.equal(clock.pending, 0);
    },
  },
});
