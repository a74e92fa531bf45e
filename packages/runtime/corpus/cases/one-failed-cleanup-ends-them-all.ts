import assert from 'node:assert/strict';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { silence } from '../waiting.ts';

/** What a service closes, in the order in which it was opened: the last one hangs, the one before throws. */
function cleanupsOf(closed: string[]): readonly (() => unknown)[] {
  const failing = (): never => {
    closed.push('pool');
    throw new Error('2 connections are in use');
  };
  const hanging = (): Promise<never> => {
    closed.push('queue');
    return silence();
  };
  return [() => closed.push('database'), failing, hanging];
}

export const oneFailedCleanupEndsThemAll = defineCase({
  id: 'one-failed-cleanup-ends-them-all',
  title: 'Of three clean-ups the last one hangs and the one before it throws',
  source: 'pain',
  guarantee: 11,
  plain: {
    breakage: 'the clean-ups after the one that fails, or hangs, never run',
    async run() {
      const plain = recordPlain();
      const [closed, withoutTheLast]: [string[], string[]] = [[], []];
      const shutDown = (cleanups: readonly (() => unknown)[]): Promise<void> =>
        plain.tracer.startActiveSpan('shutdown', async (span) => {
          try {
            for (const close of cleanups.toReversed()) await close();
          } finally {
            span.end();
          }
        });
      void shutDown(cleanupsOf(closed));
      await assert.rejects(shutDown(cleanupsOf(withoutTheLast).slice(0, 2)), /connections are in use/);
      assert.deepEqual([closed, withoutTheLast], [['queue'], ['pool']]);
      assert.deepEqual(plain.open, ['shutdown']);
    },
  },
  tracewright: {
    promise: 'each clean-up runs, in reverse order, one after the other and each with a deadline; what hung is named',
    async run() {
      const clock = fakeClock();
      using traces = recordTraces({ clock });
      const closed: string[] = [];
      const shop = traces.runtime().lifecycle(
        'shop',
        (l) => {
          for (const close of cleanupsOf(closed)) l.defer(close);
        },
        { cleanupTimeoutMs: 1000 },
      );
      await clock.advance(1000);
      const { failures, stuck } = await shop.done;
      assert.deepEqual(closed, ['queue', 'pool', 'database']);
      assert.deepEqual(stuck, ['shop > cleanup 1 of 3']);
      assert.equal(failures.length, 2);
      assert.deepEqual(
        traces.find('shop.cleanup').events.map((event) => event.attributes['exception.type']),
        ['TW_TIMEOUT', 'Error'],
      );
      assert.deepEqual([traces.open, clock.pending], [[], 0]);
    },
  },
});
