import assert from 'node:assert/strict';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { traceCount } from '../seen-span.ts';
import { silence, someTurns } from '../waiting.ts';

/** A connection that breaks three times, and then is silent. */
function connection(): () => Promise<void> {
  let polls = 0;
  return async () => {
    polls += 1;
    if (polls <= 3) throw new Error(`connection ${polls} was reset`);
    await silence();
  };
}

export const restartsInOneEndlessTrace = defineCase({
  id: 'restarts-in-one-endless-trace',
  title: 'A supervisor starts a broken poller again and again',
  source: 'pain',
  guarantee: 2,
  plain: {
    breakage: 'all lives of the poller are below the span of its supervisor, which is open until the process ends',
    async run() {
      const plain = recordPlain();
      const { tracer } = plain;
      const poll = connection();
      void tracer.startActiveSpan('supervise', async (supervising) => {
        for (let isDone = false; !isDone; )
          isDone = await tracer.startActiveSpan('poll', (span) =>
            poll()
              .then(
                () => true,
                () => false,
              )
              .finally(() => span.end()),
          );
        supervising.end();
      });
      await someTurns();
      assert.equal(traceCount(plain.spans), 1);
      assert.deepEqual(plain.open, ['supervise', 'poll']);
    },
  },
  tracewright: {
    promise: 'neither a lifecycle nor a restart has a span: each poll is a trace of its own, and while the poller waits nothing is open',
    async run() {
      const clock = fakeClock();
      using traces = recordTraces({ clock });
      const poll = connection();
      const supervisor = traces.runtime().lifecycle('supervisor', (l) => {
        const restart = { maxRestarts: 5, withinMs: 60_000, delayMs: 1000 };
        l.fork(
          'poller',
          async (poller) => {
            await poller.run('connect', () => (traces.spans.length < 3 ? poll() : undefined));
            await clock.sleep(60_000, { signal: poller.grace });
          },
          { onFailure: { restart } },
        );
      });
      await clock.advance(10_000);
      assert.deepEqual(supervisor.waitingFor(), ['supervisor/poller']);
      assert.deepEqual(traces.open, []);
      assert.deepEqual(
        traces.spans.map(({ attributes, status, parentSpanId }) => [attributes['component.path'], status.code, parentSpanId]),
        ['ERROR', 'ERROR', 'UNSET'].map((code) => ['supervisor/poller', code, undefined]),
      );
      assert.equal(traceCount(traces.spans), 3);
      assert.equal(await supervisor.stop(), true);
    },
  },
});
