import assert from 'node:assert/strict';
import { cache } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { linkedFrom, parentsOf } from '../seen-span.ts';
import { signalled, someTurns } from '../waiting.ts';

/** A read that honours its signal, as `fetch` does. */
function readPrices(answered: Promise<void>, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    void answered.then(() => resolve('prices'));
  });
}

export const leaderOfSharedWorkLeaves = defineCase({
  id: 'leader-of-shared-work-leaves',
  title: 'Two requests wait for one read, and the one that began it leaves',
  source: 'pain',
  guarantee: 1,
  plain: {
    breakage: 'the read is cancelled for both: a request that nobody cancelled ends because another did',
    async run() {
      const plain = recordPlain();
      const answered = signalled();
      const leader = new AbortController();
      let shared: Promise<string> | undefined;
      const request = (signal: AbortSignal): Promise<string> =>
        plain.tracer.startActiveSpan('request', async (span) => {
          shared ??= readPrices(answered.promise, signal);
          return shared.finally(() => span.end());
        });
      const both = Promise.allSettled([request(leader.signal), request(new AbortController().signal)]);
      leader.abort();
      answered.resolve();
      assert.deepEqual(
        (await both).map(({ status }) => status),
        ['rejected', 'rejected'],
      );
    },
  },
  tracewright: {
    promise: 'the read goes on for the other; what it starts from then on is a trace of its own, linked to who began it',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      const answered = signalled();
      const leader = new AbortController();
      const shared = { name: 'request', interceptors: [cache({ key: 'prices', ttlMs: 1000 })] };
      const request = (signal: AbortSignal): Promise<string> =>
        runtime.run(
          shared,
          async (scope) => {
            const prices = await readPrices(answered.promise, scope.signal);
            await scope.run('convert', () => undefined);
            return prices;
          },
          { signal },
        );
      const leaving = assert.rejects(request(leader.signal), { name: 'AbortError' });
      const staying = request(new AbortController().signal);
      await someTurns();
      leader.abort();
      await leaving;
      answered.resolve();
      assert.equal(await staying, 'prices');
      assert.deepEqual([parentsOf(traces.spans, 'convert'), linkedFrom(traces.spans, 'convert')], [['none'], ['request']]);
      assert.deepEqual(traces.open, []);
      assert.deepEqual(
        traces.spans.map(({ attributes }) => attributes['tracewright.outcome']),
        ['cancelled', undefined, undefined],
      );
    },
  },
});
