import assert from 'node:assert/strict';
import { user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { parentsOf } from '../seen-span.ts';

/** A pool with one connection: whoever releases it calls the next one who waits. */
class Pool {
  readonly #waiting: (() => void)[] = [];
  #isFree = true;

  acquire(use: () => void): void {
    const isFree = this.#isFree;
    this.#isFree = false;
    if (isFree) use();
    else this.#waiting.push(use);
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#isFree = true;
    else next();
  }
}

export const poolGivesTheWrongParent = defineCase({
  id: 'pool-gives-the-wrong-parent',
  title: 'A request waits for a connection that another one gives back',
  source: 'pain',
  guarantee: 5,
  plain: {
    breakage: 'the query of the one who waited stands in the trace of the one who released',
    async run() {
      const plain = recordPlain();
      const { tracer } = plain;
      const pool = new Pool();
      tracer.startActiveSpan('first', (first) => {
        pool.acquire(() => undefined);
        tracer.startActiveSpan('second', { root: true }, (second) => {
          pool.acquire(() => {
            tracer.startSpan('query').end();
            second.end();
          });
        });
        pool.release();
        first.end();
      });
      assert.deepEqual(parentsOf(plain.spans, 'query'), ['first']);
    },
  },
  tracewright: {
    promise: 'a bound callback queries for the one who asked, in the trace of the one who asked',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      const pool = new Pool();
      const query = (): Promise<void> => runtime.run('query', () => undefined);
      const second = (): Promise<void> =>
        runtime.run({ name: 'second', root: true }, (scope) => new Promise((resolve) => pool.acquire(scope.bind(() => resolve(query())))), {
          as: user('bob'),
        });
      await runtime.run(
        'first',
        async () => {
          pool.acquire(() => undefined);
          const waiting = second();
          pool.release();
          await waiting;
        },
        { as: user('ada') },
      );
      assert.deepEqual(parentsOf(traces.spans, 'query'), ['second']);
      assert.equal(traces.find('query').attributes['caller.id'], 'bob');
    },
  },
});
