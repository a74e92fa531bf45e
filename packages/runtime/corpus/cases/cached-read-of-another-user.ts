import assert from 'node:assert/strict';
import { cache, user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

const users = ['ada', 'bob'];

export const cachedReadOfAnotherUser = defineCase({
  id: 'cached-read-of-another-user',
  title: 'Two users ask for their own orders, through one cache',
  source: 'pain',
  guarantee: 5,
  plain: {
    breakage: 'the key forgets who asks: the second user gets the orders of the first, and the span of that read names the second',
    async run() {
      const plain = recordPlain();
      const known = new Map<string, string>();
      const seen: (string | undefined)[] = [];
      for (const caller of users) {
        const span = plain.tracer.startSpan('read orders', { attributes: { 'caller.id': caller } });
        if (!known.has('orders')) known.set('orders', `orders of ${caller}`);
        seen.push(known.get('orders'));
        span.end();
      }
      assert.deepEqual(seen, ['orders of ada', 'orders of ada']);
      assert.equal(plain.spans[1]?.attributes['caller.id'], 'bob');
    },
  },
  tracewright: {
    promise: 'an entry belongs to who asked for it, whatever the key says, unless sharing is asked for by name',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      const read = { name: 'read orders', interceptors: [cache({ key: 'orders', ttlMs: 1000 })] };
      const seen: string[] = [];
      for (const caller of [...users, ...users])
        seen.push(await runtime.run(read, ({ principal }) => `orders of ${principal.id}`, { as: user(caller) }));
      assert.deepEqual(seen, ['orders of ada', 'orders of bob', 'orders of ada', 'orders of bob']);
      assert.deepEqual(
        traces.spans.map(({ attributes }) => `${String(attributes['caller.id'])} ${String(attributes['tracewright.cache'])}`),
        ['ada miss', 'bob miss', 'ada hit', 'bob hit'],
      );
    },
  },
});
