import assert from 'node:assert/strict';
import { limit } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { signalled } from '../waiting.ts';

/** One at a time, as libraries for limits do it. */
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine;
    return mine;
  };
}

export const waitInAQueueLooksLikeSlowWork = defineCase({
  id: 'wait-in-a-queue-looks-like-slow-work',
  title: 'Two queries share one connection, and the second waits for the first',
  source: 'pain',
  guarantee: 6,
  plain: {
    breakage: 'the second span has run for as long as both queries, and says nothing of the wait: the database looks slow',
    async run() {
      const plain = recordPlain();
      const [limited, first] = [oneAtATime(), signalled()];
      const begun: string[] = [];
      const query = (name: string, answered: Promise<void>): Promise<void> =>
        plain.tracer.startActiveSpan('query', async (span) => {
          await limited(() => {
            begun.push(name);
            return answered;
          });
          span.end();
        });
      const both = [query('first', first.promise), query('second', Promise.resolve())];
      await Promise.resolve();
      assert.deepEqual([begun, plain.open], [['first'], ['query', 'query']]);
      first.resolve();
      await Promise.all(both);
      assert.deepEqual(
        plain.spans.map(({ attributes, events }): object => ({ attributes, events })),
        Array.from({ length: 2 }, (): object => ({ attributes: {}, events: [] })),
      );
    },
  },
  tracewright: {
    promise: 'who waited for a place says for how long, and who did not wait says nothing',
    async run() {
      const clock = fakeClock();
      using traces = recordTraces({ clock });
      const runtime = traces.runtime();
      const query = { name: 'query', interceptors: [limit({ concurrency: 1 })] };
      const both = [runtime.run(query, () => clock.sleep(900)), runtime.run(query, () => clock.sleep(5))];
      await clock.advance(905);
      await Promise.all(both);
      assert.deepEqual(
        traces.spans.map(({ attributes }) => attributes['tracewright.limit.wait_time']),
        [undefined, 0.9],
      );
    },
  },
});
