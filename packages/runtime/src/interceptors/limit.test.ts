import { getEventListeners } from 'node:events';
import * as fc from 'fast-check';
import { isTracewrightError, type Interceptor, operation, type Operation, type Scope } from 'tracewright';
import { type FakeClock, fakeClock, recordTraces } from 'tracewright/testing';
import { describe, expect, test } from 'vitest';
import { limit, type LimitOptions } from './limit.ts';
import { timeout } from './timeout.ts';

const limited = (options: LimitOptions, ...further: Interceptor[]): Operation =>
  operation({ name: 'ask', interceptors: [limit(options), ...further] });

const sleep = (scope: Scope, ms: number): Promise<void> => scope.clock.sleep(ms, { signal: scope.signal });

const outcomeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => (isTracewrightError(error) ? error.code : error));

/** Runs that note when their bodies start, by the clock. */
function noted(
  clock: FakeClock,
  ms: number,
): { readonly starts: [id: number, atMs: number][]; readonly body: (id: number) => (scope: Scope) => Promise<void> } {
  const starts: [number, number][] = [];
  const body =
    (id: number) =>
    (scope: Scope): Promise<void> => {
      starts.push([id, clock.monotonic()]);
      return sleep(scope, ms);
    };
  return { starts, body };
}

describe('concurrency', () => {
  test('lets so many run at a time, the rest in the order in which it came', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const ask = limited({ concurrency: 2 });
    const { starts, body } = noted(clock, 100);
    const works = [0, 1, 2, 3, 4].map((id) => runtime.run(ask, body(id)));
    await clock.advance(300);
    await Promise.all(works);
    expect(starts).toEqual([
      [0, 0],
      [1, 0],
      [2, 100],
      [3, 100],
      [4, 200],
    ]);
    expect(traces.spans.map(({ attributes }) => attributes['tracewright.limit.wait_time'])).toEqual([undefined, undefined, 0.1, 0.1, 0.2]);
    expect(clock.pending).toBe(0);
  });

  const endings: readonly (readonly [string, () => unknown])[] = [
    ['returns', () => 1],
    ['rejects', () => Promise.reject(new Error('broken'))],
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
  ];

  test.each(endings)('has the place free again when work %s, once', async (_, end) => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const ask = limited({ concurrency: 1, maxQueue: 0 });
    for (let round = 0; round < 3; round += 1) await runtime.run(ask, end).catch(() => undefined);
    const { starts, body } = noted(clock, 10);
    const works = [0, 1].map((id) => outcomeOf(runtime.run(ask, body(id))));
    await clock.advance(10);
    expect(await Promise.all(works)).toEqual([undefined, 'TW_LIMITED']);
    expect(starts).toEqual([[0, 0]]);
  });

  test('has the place free again when an interceptor throws before it gives a promise', async () => {
    using traces = recordTraces();
    const throwing: Interceptor = () => {
      throw new Error('broken');
    };
    const runtime = traces.runtime();
    const ask = limited({ concurrency: 1, maxQueue: 0 }, throwing);
    for (let round = 0; round < 3; round += 1) await expect(runtime.run(ask, () => 1)).rejects.toThrow('broken');
  });

  test('is shared by operations that have the same limit, and by no others', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const both = limit({ concurrency: 1 });
    const { starts, body } = noted(clock, 100);
    const works = [
      runtime.run({ name: 'ask', interceptors: [both] }, body(0)),
      runtime.run({ name: 'tell', interceptors: [both] }, body(1)),
      runtime.run(limited({ concurrency: 1 }), body(2)),
    ];
    await clock.advance(200);
    await Promise.all(works);
    expect(starts).toEqual([
      [0, 0],
      [2, 0],
      [1, 100],
    ]);
  });

  test('holds a place for a stream until its consumption is over', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const ask = limited({ concurrency: 1, maxQueue: 0 });
    const stream = runtime.stream(ask, () => ['a', 'b']);
    await stream.next();
    await expect(runtime.run(ask, () => 1)).rejects.toMatchObject({ code: 'TW_LIMITED' });
    await stream.return();
    await expect(runtime.run(ask, () => 1)).resolves.toBe(1);
  });

  test('keeps work in its own context, whoever gave it the place', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const ask = limited({ concurrency: 1 });
    const outer = (name: string): Promise<void> =>
      runtime.run(name, () => runtime.run(ask, () => runtime.run(`query of ${name}`, (scope) => sleep(scope, 10))));
    const works = [outer('first'), outer('second')];
    await clock.advance(20);
    await Promise.all(works);
    expect(traces.render()).toMatchInlineSnapshot(`
      "first  service service
      └─ ask
         └─ query of first

      second  service service
      └─ ask
         └─ query of second"
    `);
  });
});

describe('perSecond', () => {
  test('lets so many start within any second, and the next as soon as may be', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const ask = limited({ perSecond: 2 });
    const { starts, body } = noted(clock, 1);
    const works = [runtime.run(ask, body(0))];
    await clock.advance(600);
    for (const id of [1, 2, 3, 4]) works.push(runtime.run(ask, body(id)));
    expect(clock.pending).toBe(2); // One body that sleeps, and one timer for all who wait.
    await clock.advance(2000);
    await Promise.all(works);
    expect(starts).toEqual([
      [0, 0],
      [1, 600],
      [2, 1000],
      [3, 1600],
      [4, 2000],
    ]);
    expect(clock.pending).toBe(0);
  });

  test('stands beside concurrency: both must allow a start', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const ask = limited({ perSecond: 2, concurrency: 1 });
    const { starts, body } = noted(clock, 300);
    const works = [0, 1, 2, 3].map((id) => runtime.run(ask, body(id)));
    await clock.advance(2000);
    await Promise.all(works);
    expect(starts).toEqual([
      [0, 0],
      [1, 300],
      [2, 1000],
      [3, 1300],
    ]);
  });

  test('leaves no timer when the last one who waits leaves', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const ask = limited({ perSecond: 1 });
    await runtime.run(ask, () => 1);
    const client = new AbortController();
    const work = outcomeOf(runtime.run(ask, () => 2, { signal: client.signal }));
    expect(clock.pending).toBe(1);
    client.abort('gone');
    await expect(work).resolves.toBe('gone');
    expect(clock.pending).toBe(0);
  });
});

describe('work that waits', () => {
  /** One that runs for ever, and the limit that it holds. */
  function full(options: LimitOptions = {}) {
    const traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const ask = limited({ concurrency: 1, ...options });
    const holder = new AbortController();
    const held = outcomeOf(runtime.run(ask, (scope) => sleep(scope, 1e9), { signal: holder.signal }));
    const end = (): Promise<unknown> => {
      holder.abort('over');
      return held;
    };
    return { traces, clock, runtime, ask, end, [Symbol.dispose]: () => traces[Symbol.dispose]() };
  }

  test('leaves at once when its client does, and nothing of it stays', async () => {
    using place = full({ queueTimeoutMs: 5000 });
    const { clock, runtime, ask, traces } = place;
    const client = new AbortController();
    const calls: string[] = [];
    const work = outcomeOf(runtime.run(ask, () => calls.push('ran'), { signal: client.signal }));
    await clock.advance(250);
    client.abort('gone');
    await expect(work).resolves.toBe('gone');
    expect(getEventListeners(client.signal, 'abort')).toEqual([]);
    expect(clock.pending).toBe(1); // The holder's sleep.
    expect(traces.spans[1]).toMatchObject({ attributes: { 'tracewright.cancelled_by': 'client', 'tracewright.limit.wait_time': 0.25 } });
    await place.end();
    expect([calls, clock.pending]).toEqual([[], 0]);
    await expect(runtime.run(ask, () => 'next')).resolves.toBe('next');
  });

  test('and is cancelled between getting its place and beginning hands the place on', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const client = new AbortController();
    // Hears of the end of the first in the same turn as the limit, and before the second has begun.
    const abortAfter: Interceptor = async (scope, next) => {
      const value = await next(scope);
      client.abort('gone');
      return value;
    };
    const ask = limited({ concurrency: 1 });
    const first = runtime.run({ ...ask, interceptors: [abortAfter, ...(ask.interceptors ?? [])] }, (scope) => sleep(scope, 10));
    const calls: string[] = [];
    const second = outcomeOf(runtime.run(ask, () => calls.push('second'), { signal: client.signal }));
    const third = runtime.run(ask, () => calls.push('third'));
    await clock.advance(10);
    await Promise.all([first, third]);
    await expect(second).resolves.toBe('gone');
    expect(calls).toEqual(['third']);
  });

  test('for longer than it may is refused', async () => {
    using place = full({ queueTimeoutMs: 500 });
    const { clock, runtime, ask, traces } = place;
    const work = runtime.run(ask, () => 1);
    const settled = expect(work).rejects.toMatchObject({
      code: 'TW_LIMITED',
      message: 'ask waited for 500 ms for a place in its limit',
      data: { why: 'queue_timeout', operation: 'ask', queueTimeoutMs: 500 },
    });
    await clock.advance(500);
    await settled;
    expect(traces.spans[1]).toMatchObject({
      status: { code: 'ERROR' },
      attributes: { 'error.type': 'TW_LIMITED', 'tracewright.limit.wait_time': 0.5 },
    });
    await place.end();
    expect(clock.pending).toBe(0);
  });

  test('beyond the queue is refused at once', async () => {
    using place = full({ maxQueue: 1 });
    const { runtime, ask, traces } = place;
    const waiting = runtime.run(ask, () => 1);
    await expect(runtime.run(ask, () => 2)).rejects.toMatchObject({
      code: 'TW_LIMITED',
      data: { why: 'queue_full', operation: 'ask', maxQueue: 1 },
    });
    expect(traces.spans[2]?.attributes).not.toHaveProperty('tracewright.limit.wait_time');
    await place.end();
    await expect(waiting).resolves.toBe(1);
    await expect(runtime.run(ask, () => 3)).resolves.toBe(3);
  });

  test('counts for a time-out outside of the limit, and leaves the queue with it', async () => {
    using traces = recordTraces();
    const clock = fakeClock();
    const runtime = traces.runtime({ clock });
    const ask = operation({ name: 'ask', interceptors: [timeout({ timeoutMs: 100 }), limit({ concurrency: 1, maxQueue: 1 })] });
    const works = [300, 1].map((ms) => outcomeOf(runtime.run(ask, (scope) => clock.sleep(scope.signal.aborted ? 0 : ms))));
    await clock.advance(100);
    expect(await Promise.all(works)).toEqual(['TW_TIMEOUT', 'TW_TIMEOUT']);
    // Work that ignores its signal still runs, and keeps its place until it has ended.
    const next = outcomeOf(runtime.run(ask, () => 'next'));
    await clock.advance(100);
    await expect(next).resolves.toBe('TW_TIMEOUT');
    await clock.advance(100);
    await expect(runtime.run(ask, () => 'next')).resolves.toBe('next');
    expect(clock.pending).toBe(0);
  });

  test('G11: is cancelled when the runtime closes, and leaves nothing', async () => {
    using place = full({ queueTimeoutMs: 5000, perSecond: 1 });
    const { clock, runtime, ask } = place;
    const works = [1, 2].map((value) => outcomeOf(runtime.run(ask, () => value)));
    const closing = runtime.close({ timeoutMs: 100, graceMs: 10 });
    await clock.advance(100);
    expect(await Promise.all(works)).toEqual(['TW_CANCELLED', 'TW_CANCELLED']);
    await expect(closing).resolves.toMatchObject({ running: 3, stuck: [] });
    expect(clock.pending).toBe(0);
  });
});

interface Asked {
  readonly afterMs: number;
  readonly takesMs: number;
  readonly leavesAfterMs: number | undefined;
  readonly fails: boolean;
}

const asked: fc.Arbitrary<Asked> = fc.record({
  afterMs: fc.integer({ min: 0, max: 400 }),
  takesMs: fc.integer({ min: 0, max: 700 }),
  leavesAfterMs: fc.option(fc.integer({ min: 0, max: 900 }), { nil: undefined }),
  fails: fc.boolean(),
});

const rules = fc.record(
  {
    concurrency: fc.integer({ min: 1, max: 4 }),
    perSecond: fc.integer({ min: 1, max: 5 }),
    maxQueue: fc.integer({ min: 0, max: 6 }),
    queueTimeoutMs: fc.integer({ min: 1, max: 3000 }),
  },
  { requiredKeys: [] },
);

test('whatever comes and goes: never more than allowed, nobody is lost, first come is first served', async () => {
  await fc.assert(
    fc.asyncProperty(rules, fc.array(asked, { maxLength: 25 }), async (given, calls) => {
      using traces = recordTraces();
      const clock = fakeClock();
      const runtime = traces.runtime({ clock });
      const options = { ...given, ...(given.perSecond === undefined && { concurrency: given.concurrency ?? 2 }) };
      const ask = limited(options);
      const starts: { readonly id: number; readonly atMs: number }[] = [];
      let running = 0;
      let most = 0;
      const settled: Promise<unknown>[] = [];
      for (const [id, { afterMs, takesMs, leavesAfterMs, fails }] of calls.entries()) {
        await clock.advance(afterMs);
        const client = new AbortController();
        if (leavesAfterMs !== undefined) clock.setTimer(() => client.abort('gone'), leavesAfterMs);
        const body = async (scope: Scope): Promise<number> => {
          starts.push({ id, atMs: clock.monotonic() });
          most = Math.max(most, (running += 1));
          try {
            await sleep(scope, takesMs);
            if (fails) throw new Error('broken');
            return id;
          } finally {
            running -= 1;
          }
        };
        settled.push(outcomeOf(runtime.run(ask, body, { signal: client.signal })));
      }
      await clock.advance(60_000);
      // Nobody waits for ever, and nothing is left.
      const outcomes = await Promise.all(settled);
      expect(outcomes).toHaveLength(calls.length);
      expect([running, clock.pending]).toEqual([0, 0]);
      expect(most).toBeLessThanOrEqual(options.concurrency ?? Number.POSITIVE_INFINITY);
      const times = starts.map(({ atMs }) => atMs);
      if (options.perSecond !== undefined)
        for (let index = options.perSecond; index < times.length; index += 1)
          expect((times[index] ?? 0) - (times[index - options.perSecond] ?? 0)).toBeGreaterThanOrEqual(1000);
      const order = starts.map(({ id }) => id);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      await expect(runtime.run(ask, () => 'free again')).resolves.toBe('free again');
    }),
    { numRuns: 60 },
  );
}, 60_000);

const wrong: readonly (readonly [string, object, string])[] = [
  ['no limit at all', {}, 'limit'],
  ['only a queue', { maxQueue: 1 }, 'limit'],
  ['no place', { concurrency: 0 }, 'limit.concurrency'],
  ['half a place', { concurrency: 1.5 }, 'limit.concurrency'],
  ['less than one each second', { perSecond: 0.5 }, 'limit.perSecond'],
  ['a queue without end', { concurrency: 1, maxQueue: Number.POSITIVE_INFINITY }, 'limit.maxQueue'],
  ['less than no queue', { concurrency: 1, maxQueue: -1 }, 'limit.maxQueue'],
  ['no time to wait', { concurrency: 1, queueTimeoutMs: 0 }, 'limit.queueTimeoutMs'],
  ['a misspelt option', { concurency: 1 }, 'limit.concurency'],
];

test.each(wrong)('%s is refused at the definition', (_, options, option) => {
  expect(() => limit(options as never)).toThrow(
    expect.objectContaining({ code: 'TW_BAD_OPTION', data: expect.objectContaining({ option }) }),
  );
});
