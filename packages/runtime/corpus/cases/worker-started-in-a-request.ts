import assert from 'node:assert/strict';
import type { TracerProvider } from '@opentelemetry/api';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { linkedFrom, parentsOf, traceCount } from '../seen-span.ts';
import { someTurns } from '../waiting.ts';

const jobs = [1, 2, 3];

/** A client of a queue that traces itself and knows nothing of requests. */
async function* jobsFrom(provider: TracerProvider): AsyncGenerator<number> {
  for (const job of jobs) {
    await someTurns();
    provider.getTracer('queue').startSpan('receive').end();
    yield job;
  }
}

export const workerStartedInARequest = defineCase({
  id: 'worker-started-in-a-request',
  title: 'The first request that needs it starts a worker, which lives as long as the process',
  source: 'als',
  guarantee: 3,
  plain: {
    breakage: 'every job that it ever does, and every span of the libraries that it uses, is in the trace of that request',
    async run() {
      const plain = recordPlain();
      let working = Promise.resolve();
      plain.tracer.startActiveSpan('request', (request) => {
        working = (async () => {
          for await (const job of jobsFrom(plain.provider)) plain.tracer.startSpan('do job', { attributes: { job } }).end();
        })();
        request.end();
      });
      await working;
      assert.ok([...parentsOf(plain.spans, 'do job'), ...parentsOf(plain.spans, 'receive')].every((parent) => parent === 'request'));
      assert.equal(traceCount(plain.spans), 1);
    },
  },
  tracewright: {
    promise: 'nothing is active in a lifecycle, wherever it was started: each job is a trace of its own, linked to the request',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      const worker = await runtime.run('request', () =>
        runtime.lifecycle('worker', async (l) => {
          for await (const job of l.until(jobsFrom(traces.provider))) await l.run({ name: 'do job', attributes: { job } }, () => undefined);
        }),
      );
      assert.equal((await worker.done).status, 'ok');
      assert.deepEqual(parentsOf(traces.spans, 'do job'), ['none', 'none', 'none']);
      assert.deepEqual(linkedFrom(traces.spans, 'do job'), ['request', 'request', 'request']);
      assert.deepEqual(parentsOf(traces.spans, 'receive'), ['none', 'none', 'none']);
      assert.equal(traceCount(traces.spans), 7);
    },
  },
});
