import assert from 'node:assert/strict';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { linkedFrom, parentsOf, spanNamed } from '../seen-span.ts';

/** Ticks twice from an interval that its caller leaves behind. */
function refreshTwice(refresh: () => unknown): Promise<void> {
  let left = 2;
  return new Promise((resolve, reject) => {
    const tick = async (): Promise<void> => {
      await refresh();
      left -= 1;
      if (left > 0) return;
      clearInterval(timer);
      resolve();
    };
    const timer = setInterval(() => void tick().catch(reject), 1);
  });
}

export const intervalStartedInARequest = defineCase({
  id: 'interval-started-in-a-request',
  title: 'The first request starts an interval that refreshes a cache for ever',
  source: 'als',
  guarantee: 3,
  plain: {
    breakage: 'each tick adds a span to the trace of the request, below a parent that has ended',
    async run() {
      const plain = recordPlain();
      let refreshing = Promise.resolve();
      plain.tracer.startActiveSpan('request', (request) => {
        refreshing = refreshTwice(() => plain.tracer.startSpan('refresh cache').end());
        request.end();
      });
      await refreshing;
      const { traceId } = spanNamed(plain.spans, 'request');
      assert.deepEqual(parentsOf(plain.spans, 'refresh cache'), ['request', 'request']);
      assert.ok(plain.spans.every((span) => span.traceId === traceId));
    },
  },
  tracewright: {
    promise: 'each tick is a trace of its own, linked to the request that caused it',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      let refreshing = Promise.resolve();
      await runtime.run('request', () => {
        refreshing = refreshTwice(() => runtime.run('refresh cache', () => undefined));
      });
      await refreshing;
      assert.deepEqual(parentsOf(traces.spans, 'refresh cache'), ['none', 'none']);
      assert.deepEqual(linkedFrom(traces.spans, 'refresh cache'), ['request', 'request']);
      assert.equal(traces.spans[1]?.links[0]?.attributes['tracewright.link.reason'], 'cause');
    },
  },
});
