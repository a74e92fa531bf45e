import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { linkedFrom, parentsOf, traceCount } from '../seen-span.ts';

const jobs = Array.from({ length: 50 }, (_, job) => job);

export const workerInOneEndlessTrace = defineCase({
  id: 'worker-in-one-endless-trace',
  title: 'A span is active where a worker takes its jobs',
  source: 'pain',
  guarantee: 2,
  plain: {
    breakage: 'every job is in the one trace of the worker, whose own span stays open as long as the process lives',
    async run() {
      const plain = recordPlain();
      const { tracer } = plain;
      await tracer.startActiveSpan('worker', async () => {
        for (const job of jobs) tracer.startActiveSpan('process job', { attributes: { job } }, (span) => span.end());
      });
      assert.equal(plain.spans.length, jobs.length);
      assert.equal(traceCount(plain.spans), 1);
      assert.deepEqual(plain.open, ['worker']);
    },
  },
  tracewright: {
    promise: 'a job is declared a root: a trace of its own, linked to the worker, whose trace stays at one span',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      await runtime.run('worker', async () => {
        for (const job of jobs) await runtime.run({ name: 'process job', root: true, attributes: { job } }, () => undefined);
      });
      const worker = traces.find('worker');
      assert.equal(traces.spans.filter((span) => span.traceId === worker.traceId).length, 1);
      assert.equal(traceCount(traces.spans), jobs.length + 1);
      assert.ok(parentsOf(traces.spans, 'process job').every((parent) => parent === 'none'));
      assert.ok(linkedFrom(traces.spans, 'process job').every((cause) => cause === 'worker'));
      assert.deepEqual(traces.open, []);
    },
  },
});
