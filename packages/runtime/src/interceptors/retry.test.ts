import { createRuntime, type Interceptor, type Operation } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { retry } from './retry.ts';

/** Waits of exactly 10, 20, 40 ms. */
const steady = { delayMs: 10, jitter: 'none' } as const;

/** A body that fails with each of `failures` in turn, then gives `done`. */
function failing(...failures: readonly unknown[]): () => Promise<string> {
  const left = failures.map((error) => ({ error }));
  return async () => {
    const failure = left.shift();
    if (failure !== undefined) throw failure.error;
    return 'done';
  };
}

const load: Operation = { name: 'load', interceptors: [retry(steady)] };

test('what is not worth a second try fails at once with one span', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const mistake = new TypeError('undefined is not a function');
  await expect(traces.runtime({ clock }).run(load, failing(mistake))).rejects.toBe(mistake);
  expect(clock.pending).toBe(0);
  expect(traces.render({ attributes: ['tracewright.attempts'] })).toMatchInlineSnapshot(`
    "load  ERROR TypeError  outcome error  service service
       tracewright.attempts = 1
       ✗ TypeError: undefined is not a function"
  `);
});

test('the waits double up to their maximum, and full jitter draws them between nothing and that', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const startsOf = async (options: Parameters<typeof retry>[0]): Promise<number[]> => {
    const starts: number[] = [];
    const begin = clock.monotonic();
    const work = traces.runtime({ clock }).run({ name: 'load', interceptors: [retry(options)] }, () => {
      starts.push(clock.monotonic() - begin);
      return Promise.reject(new Error('reset'));
    });
    const settled = expect(work).rejects.toThrow('reset');
    await clock.advance(10_000);
    await settled;
    return starts;
  };
  expect(await startsOf({ maxAttempts: 5, delayMs: 100, maxDelayMs: 300, jitter: 'none' })).toEqual([0, 100, 300, 600, 900]);
  expect(await startsOf({ maxAttempts: 4, delayMs: 100, random: () => 0.5 })).toEqual([0, 50, 150, 350]);
  expect(await startsOf({ maxAttempts: 4, delayMs: 0 })).toEqual([0, 0, 0, 0]);
  expect(await startsOf({ random: () => 0.5 })).toEqual([0, 100, 300]);
  expect(await startsOf({ maxAttempts: 1 })).toEqual([0]);
});

test('a wait that the other side asks for is kept where it is longer than the own one, and allowed', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const busy = (retryAfterMs: number): Error => Object.assign(new Error('busy'), { status: 429, retryAfterMs });
  const starts: number[] = [];
  const body = failing(busy(400), busy(1));
  const work = runtime.run(load, () => {
    starts.push(clock.monotonic());
    return body();
  });
  await clock.advance(1000);
  await expect(work).resolves.toBe('done');
  expect(starts).toEqual([0, 400, 420]);

  const strict: Operation = { name: 'strict', interceptors: [retry({ ...steady, maxRetryAfterMs: 399 })] };
  await expect(runtime.run(strict, failing(busy(400)))).rejects.toThrow('busy');
  await expect(runtime.run(load, failing(busy(30_001)))).rejects.toThrow('busy');
});

test('the author decides in place of the rules, and is told which try it was', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const asked: unknown[] = [];
  const retryable = (error: unknown, { attempt }: { readonly attempt: number }): boolean => {
    asked.push([error, attempt]);
    return error === 'again';
  };
  const work = traces.runtime({ clock }).run({ name: 'load', interceptors: [retry({ ...steady, retryable })] }, failing('again', 'enough'));
  const settled = expect(work).rejects.toBe('enough');
  await clock.advance(10);
  await settled;
  expect(asked).toEqual([
    ['again', 1],
    ['enough', 2],
  ]);
});

test('a decision that throws, or gives no decision, ends the operation with what is wrong, and the error it was asked about as the cause', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime({ clock: fakeClock() });
  const failure = new Error('reset');
  const mistake = new TypeError('a bug in the decision');
  const deciding = (retryable: () => unknown): Operation => ({
    name: 'load',
    // The wrong type is the point.
    interceptors: [retry({ ...steady, retryable: retryable as () => boolean })],
  });
  await expect(
    runtime.run(
      deciding(() => {
        throw mistake;
      }),
      failing(failure),
    ),
  ).rejects.toBe(mistake);
  expect(mistake.cause).toBe(failure);
  await expect(
    runtime.run(
      deciding(async () => true),
      failing(failure),
    ),
  ).rejects.toMatchObject({ code: 'TW_BAD_OPTION', cause: failure });
});

test('a decision that throws what cannot take a cause, or has one, ends the operation with that as it is', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime({ clock: fakeClock() });
  const failure = new Error('reset');
  const cause = new Error('its own');
  for (const thrown of [failure, 'text', Object.freeze(new Error('frozen')), new Error('caused', { cause })]) {
    const retryable = (): never => {
      throw thrown;
    };
    await expect(runtime.run({ name: 'load', interceptors: [retry({ ...steady, retryable })] }, failing(failure))).rejects.toBe(thrown);
    expect(thrown instanceof Error ? thrown.cause : undefined).toBe(
      thrown instanceof Error && thrown.message === 'caused' ? cause : undefined,
    );
  }
});

test('an interceptor inside that throws at once is tried again like one that rejects', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  let calls = 0;
  const throwing: Interceptor = (scope, next) => {
    calls += 1;
    if (calls < 3) throw new Error('no route');
    return next(scope);
  };
  const work = traces.runtime({ clock }).run({ name: 'load', interceptors: [retry(steady), throwing] }, () => 'done');
  await clock.advance(30);
  await expect(work).resolves.toBe('done');
});

test('G9: a span that takes no attribute changes no result', async () => {
  using traces = recordTraces();
  const span = new Proxy(traces.tracer('x').startSpan('x'), {
    get(target, key) {
      if (key !== 'setAttribute') return Reflect.get(target, key) as unknown;
      return () => {
        throw new Error('broken span');
      };
    },
  });
  traces.expectProblems();
  const tracerProvider = { getTracer: () => ({ startSpan: () => span, startActiveSpan: () => undefined as never }) };
  await expect(createRuntime({ tracerProvider }).run(load, () => 42)).resolves.toBe(42);
});

test.each([
  [{ maxAttempts: 0 }, 'retry.maxAttempts must be a whole number of at least 1, received 0'],
  [{ delayMs: -1 }, 'retry.delayMs must be a finite number of at least 0, received -1'],
  [{ delayMs: 40_000 }, 'retry.delayMs must be at most maxDelayMs (30000), received 40000'],
  [{ maxDelayMs: Number.NaN }, 'retry.maxDelayMs must be a finite number of at least 0, received NaN'],
  [{ maxRetryAfterMs: '1' }, "retry.maxRetryAfterMs must be a finite number of at least 0, received '1'"],
  [{ jitter: 'half' }, "retry.jitter must be 'full' or 'none', received 'half'"],
  [{ retryable: true }, 'retry.retryable must be a function, received true'],
  [{ random: 0.5 }, 'retry.random must be a function, received 0.5'],
  [
    { attempts: 3 },
    'retry.attempts is not an option: there are maxAttempts, delayMs, maxDelayMs, jitter, retryable, maxRetryAfterMs, random',
  ],
])('wrong options are refused where they are given: %j', (options, message) => {
  // The wrong types are the point.
  expect(() => retry(options as never)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION', message }));
});
