import { TracewrightError, user } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const silence = (): Promise<never> => new Promise(() => undefined);

async function* countTo(limit: number): AsyncGenerator<number> {
  for (let item = 1; item <= limit; item += 1) yield item;
}

test.each([
  ['no object', () => 7],
  [
    'a result that throws when it is read',
    () => ({
      get done(): never {
        throw new Error('cannot be read');
      },
    }),
  ],
])('G1: a producer that gives %s fails the pull and ends the span', async (_, give) => {
  using traces = recordTraces();
  const stream = traces.runtime().stream('items', () => ({ [Symbol.asyncIterator]: () => ({ next: async () => give() }) }) as never);
  await expect(stream.next()).rejects.toThrow();
  expect(traces.find('items')).toMatchObject({ ends: 1, status: { code: 'ERROR' } });
});

test('a producer may answer at once', async () => {
  using traces = recordTraces();
  const answers = [
    { done: false, value: 1 },
    { done: true, value: undefined },
  ];
  const stream = traces.runtime().stream('items', () => ({ [Symbol.asyncIterator]: () => ({ next: () => answers.shift() }) }) as never);
  await expect(stream.next()).resolves.toEqual({ done: false, value: 1 });
  await expect(stream.next()).resolves.toMatchObject({ done: true });
});

test('G11: closing cancels a stream that was handed out by an operation with a signal of its own', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  let signal: AbortSignal | undefined;
  const { stream } = await runtime.run(
    'request',
    (scope) => ({
      stream: scope.stream('items', async function* (inner) {
        signal = inner.signal;
        yield 1;
        await silence();
      }),
    }),
    { signal: new AbortController().signal },
  );
  await stream.next();
  const pull = stream.next().catch((error: unknown) => error);
  const closing = runtime.close({ timeoutMs: 10, graceMs: 10 });
  await clock.advance(20);
  await expect(closing).resolves.toEqual({ running: 1, cancelled: ['items'], stuck: [] });
  await expect(pull).resolves.toMatchObject({ code: 'TW_CANCELLED' });
  expect([signal?.aborted, stream.outcome]).toEqual([true, 'aborted']);
});

test('a thousand pulls at once are answered in time that grows with their number only', async () => {
  using traces = recordTraces();
  const stream = traces.runtime().stream('items', () => countTo(5000));
  const pulls = await Promise.all(Array.from({ length: 5001 }, () => stream.next()));
  expect([pulls[4999]?.value, pulls[5000]?.done]).toEqual([5000, true]);
});

test('a pull that overlaps an error which the producer does not take is answered when the stream has ended', async () => {
  using traces = recordTraces();
  const stream = traces.runtime().stream('items', () => [1, 2, 3]);
  const calls = await Promise.allSettled([stream.next(), stream.throw(new Error('thrown')), stream.next()]);
  expect(calls).toEqual([
    { status: 'fulfilled', value: { done: false, value: 1 } },
    { status: 'rejected', reason: new Error('thrown') },
    { status: 'fulfilled', value: { done: true, value: undefined } },
  ]);
  expect(stream.outcome).toBe('error');
});

test('an error that the producer does not take comes back to who threw it, whatever it is', async () => {
  using traces = recordTraces();
  const stream = traces.runtime().stream('items', () => [1, 2]);
  await stream.next();
  const error = new TracewrightError('TW_CANCELLED', 'left elsewhere', { data: { by: 'consumer' } });
  await expect(stream.throw(error)).rejects.toBe(error);
});

test('G4: a reader that comes back too late is told, and does not take what it has for the whole', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const stream = traces.runtime({ clock }).stream('rows', () => countTo(5), { idleTimeoutMs: 30 });
  await stream.next();
  await clock.advance(80);
  await expect(stream.next()).rejects.toMatchObject({ code: 'TW_CANCELLED', data: { by: 'consumer' } });
  await expect(stream.next()).resolves.toMatchObject({ done: true });
  expect(stream.outcome).toBe('consumer_left');
});

test('G1: a clean-up that hangs after its reader has left is ended with its owner, as not ended, or by the limit of the stream', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const body = async function* (): AsyncGenerator<number> {
    try {
      yield 1;
    } finally {
      await silence();
    }
  };
  const { left } = await runtime.run('owner', async (scope) => {
    const stream = scope.stream('owned', body);
    await stream.next();
    return { left: stream.return('bye') };
  });
  await expect(left).resolves.toEqual({ done: true, value: 'bye' });
  expect(traces.find('owned')).toMatchObject({ ends: 1, attributes: { 'error.type': 'span_not_ended' } });
  const limited = runtime.stream('limited', body, { timeoutMs: 50 });
  await limited.next();
  const waiting = Promise.all([limited.return('bye'), limited.next()]);
  await clock.advance(50);
  await expect(waiting).resolves.toEqual([
    { done: true, value: 'bye' },
    { done: true, value: undefined },
  ]);
  expect(traces.find('limited').ends).toBe(1);
});

test('G4: a time-out shows whom the stream waited for', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const stream = traces
    .runtime({ clock })
    .stream('silent', () => ({ [Symbol.asyncIterator]: () => ({ next: silence }) }), { timeoutMs: 100 });
  const pull = stream.next().catch(() => undefined);
  await clock.advance(100);
  await pull;
  expect(traces.find('silent').attributes).toMatchObject({ 'tracewright.outcome': 'timeout', 'tracewright.stream.producer_time': 0.1 });
});

test('a source that comes when its stream was aborted is closed', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  let open: (source: ReadableStream<number>) => void = () => undefined;
  let cancelled = false;
  const stream = traces.runtime().stream(
    'items',
    () =>
      new Promise<ReadableStream<number>>((resolve) => {
        open = resolve;
      }),
    { signal: client.signal },
  );
  const pull = stream.next().catch(() => undefined);
  client.abort();
  await pull;
  open(
    new ReadableStream<number>({
      cancel: () => {
        cancelled = true;
      },
    }),
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(cancelled).toBe(true);
});

test('a stream refuses wrong options at once', () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  expect(() => runtime.stream('items', () => [1], { as: 'ada' as never })).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
  expect(() => runtime.stream('items', () => [1], { principal: user('ada') } as never)).toThrow(
    expect.objectContaining({ code: 'TW_BAD_OPTION' }),
  );
});
