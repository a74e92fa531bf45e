import assert from 'node:assert/strict';
import type { Tracer } from '@opentelemetry/api';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { parentsOf } from '../seen-span.ts';

async function* rows(trace: (name: string) => unknown): AsyncGenerator<number> {
  try {
    await trace('open cursor');
    yield 1;
    await trace('fetch rows');
    yield 2;
  } finally {
    await trace('close cursor');
  }
}

const inPlainSpan = (tracer: Tracer, name: string, body: () => Promise<unknown>): Promise<void> =>
  tracer.startActiveSpan(name, async (span) => {
    await body();
    span.end();
  });

export const generatorPulledFromThreePlaces = defineCase({
  id: 'generator-pulled-from-three-places',
  title: 'A stream is pulled by A, then by B, and closed by C',
  source: 'als',
  guarantee: 4,
  plain: {
    breakage: 'each part of the body runs in the context of whoever pulls, the clean-up in that of whoever leaves',
    async run() {
      const plain = recordPlain();
      const { tracer } = plain;
      let cursor = rows(() => undefined);
      await inPlainSpan(tracer, 'query', async () => {
        cursor = rows((name) => tracer.startSpan(name).end());
      });
      await inPlainSpan(tracer, 'A', () => cursor.next());
      await inPlainSpan(tracer, 'B', () => cursor.next());
      await inPlainSpan(tracer, 'C', () => cursor.return(undefined));
      assert.deepEqual(parentsOf(plain.spans, 'open cursor'), ['A']);
      assert.deepEqual(parentsOf(plain.spans, 'fetch rows'), ['B']);
      assert.deepEqual(parentsOf(plain.spans, 'close cursor'), ['C']);
    },
  },
  tracewright: {
    promise: 'every part of the body, the clean-up included, stands below the stream',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      await runtime.run('query', async (query) => {
        const cursor = query.stream('rows', () => rows((name) => runtime.run(name, () => undefined)));
        await runtime.run('A', () => cursor.next());
        await runtime.run('B', () => cursor.next());
        await runtime.run('C', () => cursor.return());
      });
      assert.deepEqual(parentsOf(traces.spans, 'rows'), ['query']);
      for (const name of ['open cursor', 'fetch rows', 'close cursor']) assert.deepEqual(parentsOf(traces.spans, name), ['rows']);
      assert.deepEqual(traces.check(), []);
    },
  },
});
