import assert from 'node:assert/strict';
import { cache, user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

/** The cache that every code base has. */
function cached<T>(load: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | undefined;
  return () => (known ??= load());
}

export const cacheHitOfNobody = defineCase({
  id: 'cache-hit-of-nobody',
  title: 'A user reads a record three times, twice from a cache',
  source: 'pain',
  guarantee: 5,
  plain: {
    breakage: 'two of three reads are in no trace: an audit of who saw the record finds one',
    async run() {
      const plain = recordPlain();
      const read = cached(async () =>
        plain.tracer.startActiveSpan('read record', { attributes: { 'caller.id': 'ada' } }, (span) => {
          span.end();
          return 'record';
        }),
      );
      for (let time = 0; time < 3; time += 1) assert.equal(await read(), 'record');
      assert.equal(plain.spans.length, 1);
    },
  },
  tracewright: {
    promise: 'a hit is an operation like any other: it says who read, where, and that it came from the cache',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      const read = { name: 'read record', interceptors: [cache({ key: 'record', ttlMs: 1000 })] };
      const identity = { extend: { 'component.name': 'records' } };
      for (let time = 0; time < 3; time += 1)
        assert.equal(await runtime.run(read, () => 'record', { as: user('ada'), identity }), 'record');
      assert.deepEqual(
        traces.spans.map(({ attributes }) => [attributes['tracewright.cache'], attributes['caller.id'], attributes['component.name']]),
        [
          ['miss', 'ada', 'records'],
          ['hit', 'ada', 'records'],
          ['hit', 'ada', 'records'],
        ],
      );
    },
  },
});
