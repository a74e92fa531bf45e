import * as fc from 'fast-check';
import { isTracewrightError, type Interceptor, operation, type Operation, type Scope } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { describe, expect, test } from 'vitest';
import { cache } from './cache.ts';
import { timeout } from './timeout.ts';

/** An operation of which all calls ask for the same thing. */
const sharedWork = (...around: Interceptor[]): Operation =>
  operation({ name: 'load', interceptors: [...around, cache({ key: 'orders', ttlMs: 60_000 })] });

const untilAborted = (scope: Scope): Promise<never> =>
  new Promise((_, reject) => scope.signal.addEventListener('abort', () => reject(scope.signal.reason), { once: true }));

const hang = (): Promise<never> => new Promise(() => undefined);

const codeOf = (error: unknown): unknown => (isTracewrightError(error) ? error.code : error);
const outcomeOf = (work: Promise<unknown>): Promise<unknown> => work.catch(codeOf);

describe('time-outs', () => {
  test('outside of the cache are of each caller alone', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const load = sharedWork(timeout({ timeoutMs: 100 }));
    const body = async (scope: Scope): Promise<string> => {
      await scope.clock.sleep(120, { signal: scope.signal });
      return 'orders';
    };
    const first = outcomeOf(runtime.run(load, body));
    await clock.advance(50);
    const second = outcomeOf(runtime.run(load, body));
    await clock.advance(70);
    await expect(first).resolves.toBe('TW_TIMEOUT');
    await expect(second).resolves.toBe('orders');
    expect(clock.pending).toBe(0);
  });

  test('outside of the cache end the work of the last caller in time to be seen', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const load = sharedWork(timeout({ timeoutMs: 100 }));
    const first = outcomeOf(traces.runtime({ clock }).run(load, (scope) => scope.run('query', untilAborted)));
    await clock.advance(100);
    await expect(first).resolves.toBe('TW_TIMEOUT');
    expect(clock.pending).toBe(0);
    expect(traces.render()).toMatchInlineSnapshot(`
      "load  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout  service service
      └─ query  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout
            ✗ TW_TIMEOUT: load took longer than 100 ms"
    `);
  });

  test('outside of the cache end what work leaves open that ignores its signal', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const load = sharedWork(timeout({ timeoutMs: 100 }));
    const opened: string[][] = [];
    const work = traces.runtime({ clock }).run(load, (scope) => scope.run('query', hang));
    const settled = work.catch(() => opened.push(traces.open.map(({ name }) => name)));
    await clock.advance(100);
    await settled;
    expect(opened).toEqual([[]]);
    expect(traces.find('query').attributes['error.type']).toBe('span_not_ended');
    expect(clock.pending).toBe(0);
  });

  test('inside of the cache are of the work, and so of all who wait', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const load = operation({ name: 'load', interceptors: [cache({ key: 'a', ttlMs: 1000 }), timeout({ timeoutMs: 100 })] });
    const works = [outcomeOf(runtime.run(load, hang)), outcomeOf(runtime.run(load, hang))];
    await clock.advance(100);
    await expect(Promise.all(works)).resolves.toEqual(['TW_TIMEOUT', 'TW_TIMEOUT']);
    await expect(runtime.run(load, () => 'works again')).resolves.toBe('works again');
    expect(clock.pending).toBe(0);
  });
});

describe('G11: closing the runtime', () => {
  test('cancels the work with all who wait for it, and leaves nothing', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const load = sharedWork();
    const body = (scope: Scope): Promise<never> => scope.run('query', untilAborted);
    const works = [outcomeOf(runtime.run(load, body)), outcomeOf(runtime.run(load, body))];
    const closing = runtime.close({ timeoutMs: 100, graceMs: 10 });
    await clock.advance(100);
    await expect(Promise.all(works)).resolves.toEqual(['TW_CANCELLED', 'TW_CANCELLED']);
    await expect(closing).resolves.toMatchObject({ stuck: [] });
    expect(clock.pending).toBe(0);
    expect(traces.find('query').attributes['tracewright.cancelled_by']).toBe('shutdown');
  });

  test('names work that ignores its signal, and lets go of who waits for it', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const work = outcomeOf(runtime.run(sharedWork(), hang));
    const closing = runtime.close({ timeoutMs: 100, graceMs: 10 });
    await clock.advance(110);
    await expect(closing).resolves.toEqual({ running: 1, cancelled: ['load'], stuck: ['load'] });
    await expect(work).resolves.toBe('TW_CANCELLED');
    expect(clock.pending).toBe(0);
  });

  test('has callers of another runtime do the work that they waited for themselves', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const [closed, open] = [traces.runtime({ clock }), traces.runtime({ clock })];
    const load = sharedWork();
    const first = outcomeOf(closed.run(load, untilAborted));
    const others = [open.run(load, async () => 'orders'), open.run(load, async () => 'orders')];
    const closing = closed.close({ timeoutMs: 100, graceMs: 10 });
    await clock.advance(100);
    await expect(first).resolves.toBe('TW_CANCELLED');
    await expect(Promise.all(others)).resolves.toEqual(['orders', 'orders']);
    await expect(closing).resolves.toMatchObject({ stuck: [] });
    expect(traces.spans.map(({ attributes }) => attributes['tracewright.cache'])).toEqual(['miss', 'miss', 'shared']);
  });
});

test('G11: work that goes on for a caller of another runtime only is begun anew by that, when the first runtime closes', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const [closed, open] = [traces.runtime({ clock }), traces.runtime({ clock })];
  const load = sharedWork();
  const client = new AbortController();
  const first = outcomeOf(closed.run(load, untilAborted, { signal: client.signal }));
  client.abort('gone');
  // In the turn in which the only one has left.
  const other = open.run(load, async () => 'orders');
  await expect(first).resolves.toBe('gone');
  const closing = closed.close({ timeoutMs: 100, graceMs: 10 });
  await clock.advance(100);
  await expect(other).resolves.toBe('orders');
  await expect(closing).resolves.toMatchObject({ stuck: [] });
  expect(clock.pending).toBe(0);
});

interface Asked {
  readonly afterMs: number;
  readonly leavesAfterMs: number | undefined;
  readonly takesMs: number;
  readonly fails: boolean;
  readonly polite: boolean;
}

const asked: fc.Arbitrary<Asked> = fc.record({
  afterMs: fc.integer({ min: 0, max: 60 }),
  leavesAfterMs: fc.option(fc.integer({ min: 0, max: 120 }), { nil: undefined }),
  takesMs: fc.integer({ min: 0, max: 150 }),
  fails: fc.boolean(),
  polite: fc.boolean(),
});

test('whoever comes, leaves or runs out of time: one piece of work at a time, everybody is answered, and nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(asked, { maxLength: 15 }), fc.boolean(), fc.boolean(), async (calls, slowStore, isTimed) => {
      using traces = recordTraces();
      const clock = fakeClock();
      const runtime = traces.runtime({ clock });
      const slow = { get: () => clock.sleep(5).then(() => undefined), set: () => clock.sleep(5) };
      const kept = cache({ key: 'a', ttlMs: 40, ...(slowStore && { store: slow }) });
      const load = operation({ name: 'load', interceptors: isTimed ? [timeout({ timeoutMs: 100 }), kept] : [kept] });
      // Those whose signal has not aborted: what was told to end may run beside what began after it.
      const running = new Set<Scope>();
      const answers: Promise<unknown>[] = [];
      for (const [id, { afterMs, leavesAfterMs, takesMs, fails, polite }] of calls.entries()) {
        await clock.advance(afterMs);
        const client = new AbortController();
        if (leavesAfterMs !== undefined) clock.setTimer(() => client.abort(`gone ${id}`), leavesAfterMs);
        const body = async (scope: Scope): Promise<string> => {
          expect([...running].filter(({ signal }) => !signal.aborted)).toEqual([]);
          running.add(scope);
          try {
            await scope.run('query', () => clock.sleep(takesMs, polite ? { signal: scope.signal } : {}));
            if (fails) throw new Error('broken');
            return 'orders';
          } finally {
            running.delete(scope);
          }
        };
        const answer = runtime.run(load, body, { signal: client.signal }).then(String, codeOf);
        answers.push(answer.then((got) => ({ got, mayLeave: leavesAfterMs !== undefined, id })));
      }
      await clock.advance(10_000);
      for (const { got, mayLeave, id } of (await Promise.all(answers)) as { got: unknown; mayLeave: boolean; id: number }[]) {
        const own = [...(mayLeave ? [`gone ${id}`] : []), ...(isTimed ? ['TW_TIMEOUT'] : [])];
        // What happened to other callers is nobody's answer.
        if (!own.includes(String(got)) && got !== 'orders') expect(got).toMatchObject({ message: 'broken' });
      }
      expect([clock.pending, running.size, traces.open]).toEqual([0, 0, []]);
      await expect(runtime.close()).resolves.toEqual({ running: 0, cancelled: [], stuck: [] });
    }),
    { numRuns: 80 },
  );
}, 60_000);
