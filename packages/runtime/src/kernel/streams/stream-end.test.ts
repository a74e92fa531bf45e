import { user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

async function* countTo(limit: number): AsyncGenerator<number> {
  for (let item = 1; item <= limit; item += 1) yield item;
}

async function drain<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

const fail = (error: Error): never => {
  throw error;
};

/** A producer that never answers, unless its signal tells it to stop. */
const silent = (): AsyncIterable<number> => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) });

test('G1: a stream that is never pulled has no span; left unread, a span that says so', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  let ran = false;
  const body = async function* (): AsyncGenerator<number> {
    ran = true;
    yield 1;
  };
  runtime.stream('forgotten', body);
  const unread = runtime.stream('unread', body);
  await expect(unread.return('bye')).resolves.toEqual({ done: true, value: 'bye' });
  await expect(unread.next()).resolves.toEqual({ done: true, value: undefined });
  expect(ran).toBe(false);
  expect(traces.spans.map(({ name, ends, attributes }) => [name, ends, attributes['tracewright.outcome']])).toEqual([
    ['unread', 1, 'never_started'],
  ]);
});

test('G1: a consumer that breaks out ends the span once, when the producer has cleaned up', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const events: string[] = [];
  const stream = runtime.stream('items', async function* (scope) {
    try {
      yield* countTo(9);
    } finally {
      await scope.run('release', () => events.push('released'));
    }
  });
  for await (const item of stream) if (item === 2) break;
  events.push('left');
  expect(events).toEqual(['released', 'left']);
  expect(traces.find('items')).toMatchObject({
    ends: 1,
    status: { code: 'UNSET' },
    attributes: { 'tracewright.outcome': 'consumer_left', 'tracewright.stream.items': 2 },
  });
  expect(traces.find('release').parentSpanId).toBe(traces.find('items').spanId);
});

test('G1: errors of the body reach the consumer unchanged, and the span, whether thrown at once, late, or in clean-up', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const error = new Error('no more');
  const atOnce = runtime.stream('at once', () => {
    throw error;
  });
  const late = runtime.stream('late', async function* () {
    yield 1;
    throw error;
  });
  const cleaning = runtime.stream('cleaning', async function* () {
    try {
      yield 1;
    } finally {
      fail(error);
    }
  });
  await expect(drain(atOnce)).rejects.toBe(error);
  await expect(drain(late)).rejects.toBe(error);
  await cleaning.next();
  await expect(cleaning.return()).rejects.toBe(error);
  for (const name of ['at once', 'late', 'cleaning']) {
    expect(traces.find(name)).toMatchObject({
      ends: 1,
      status: { code: 'ERROR' },
      attributes: { 'tracewright.outcome': 'error', 'error.type': 'Error' },
    });
  }
  await expect(late.next()).resolves.toEqual({ done: true, value: undefined });
});

test('G1: an abort ends a stream whose producer hangs, whose producer listens, and one at rest', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const client = new AbortController();
  const options = { signal: client.signal };
  const hanging = runtime.stream('hanging', silent, options);
  const listening = runtime.stream(
    'listening',
    async function* (scope) {
      await new Promise((_, reject) => scope.signal.addEventListener('abort', () => reject(scope.signal.reason)));
      yield 1;
    },
    options,
  );
  const resting = runtime.stream('resting', () => countTo(3), options);
  const pulls = [hanging.next(), listening.next()];
  await resting.next();
  client.abort('client is gone');
  for (const pull of pulls) await expect(pull).rejects.toBe('client is gone');
  await expect(resting.next()).rejects.toBe('client is gone');
  await expect(resting.next()).resolves.toEqual({ done: true, value: undefined });
  for (const name of ['hanging', 'listening', 'resting']) {
    expect(traces.find(name)).toMatchObject({
      ends: 1,
      status: { code: 'UNSET' },
      attributes: { 'tracewright.outcome': 'aborted', 'tracewright.cancelled_by': 'client' },
    });
  }
});

test('G1: items that a body yields after the abort are dropped', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  let give: (item: number) => void = () => undefined;
  const stream = traces.runtime().stream(
    'stubborn',
    async function* () {
      for (;;)
        yield await new Promise<number>((resolve) => {
          give = resolve;
        });
    },
    { signal: client.signal },
  );
  const pull = stream.next();
  client.abort('gone');
  give(1);
  await expect(pull).rejects.toBe('gone');
  expect(traces.find('stubborn').attributes).toMatchObject({ 'tracewright.outcome': 'aborted', 'tracewright.stream.items': 0 });
});

test('G6: a clean-up that fails after an abort is shown on the span', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  const stream = traces.runtime().stream(
    'items',
    async function* () {
      try {
        yield* countTo(2);
      } finally {
        fail(new RangeError('clean-up failed'));
      }
    },
    { signal: client.signal },
  );
  await stream.next();
  client.abort('gone');
  await expect(stream.next()).rejects.toBe('gone');
  expect(traces.find('items')).toMatchObject({
    status: { code: 'ERROR' },
    attributes: { 'tracewright.outcome': 'aborted', 'error.type': 'RangeError' },
  });
});

test('leaving while a pull is under way ends both', async () => {
  using traces = recordTraces();
  const stream = traces.runtime().stream('items', silent);
  const pull = stream.next();
  await expect(stream.return()).resolves.toMatchObject({ done: true });
  await expect(pull).resolves.toEqual({ done: true, value: undefined });
  expect(stream.outcome).toBe('consumer_left');
});

test('G3: a stream that is first pulled after its owner has ended is a root, linked to the owner', async () => {
  using traces = recordTraces();
  const stream = await traces
    .runtime()
    .run('request', (scope) => ({ handedOut: scope.stream('items', () => countTo(2)) }), { as: user('ada') });
  expect(await drain(stream.handedOut)).toEqual([1, 2]);
  expect(traces.find('items').parentSpanId).toBeUndefined();
  expect(traces.find('items')).toMatchObject({ links: [{ spanId: traces.find('request').spanId }], attributes: { 'caller.id': 'ada' } });
});

test('G1: a stream that is being read when its owner ends is ended with it, and its reader told', async () => {
  using traces = recordTraces();
  let cleaned = false;
  const { stream, pull } = await traces.runtime().run('request', async (scope) => {
    const open = scope.stream('items', async function* () {
      try {
        yield 1;
        await new Promise(() => undefined);
      } finally {
        cleaned = true;
      }
    });
    await open.next();
    const waiting = open.next();
    waiting.catch(() => undefined);
    return { stream: open, pull: waiting };
  });
  expect(traces.open).toEqual([]);
  await expect(pull).rejects.toMatchObject({ code: 'TW_SCOPE_ENDED' });
  expect(stream.outcome).toBe('error');
  expect(cleaned).toBe(false);
  expect(traces.find('items')).toMatchObject({
    ends: 1,
    attributes: { 'error.type': 'span_not_ended', 'tracewright.outcome': 'error', 'tracewright.stream.items': 1 },
  });
});

test('await using leaves the stream at the end of the block', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  {
    await using stream = runtime.stream('items', () => countTo(3));
    await stream.next();
  }
  expect(traces.find('items').attributes['tracewright.outcome']).toBe('consumer_left');
});

test('the signal of a stream aborts when its consumer has left, for what the body left running', async () => {
  using traces = recordTraces();
  let signal: AbortSignal | undefined;
  const stream = traces.runtime().stream('items', async function* (scope) {
    signal = scope.signal;
    yield 1;
    yield 2;
  });
  for await (const _ of stream) break;
  expect(signal?.aborted).toBe(true);
  expect(signal?.reason).toMatchObject({ code: 'TW_CANCELLED', data: { by: 'consumer' } });
});

test.each(['between two items', 'in its clean-up'])('the signal of a stream aborts when its owner ends %s', async (phase) => {
  using traces = recordTraces();
  const signals: AbortSignal[] = [];
  await traces.runtime().run('request', async (scope) => {
    const stream = scope.stream('items', async function* (inner) {
      signals.push(inner.signal, inner.derive({ signal: new AbortController().signal }).signal);
      try {
        yield* countTo(2);
      } finally {
        await new Promise(() => undefined);
      }
    });
    await stream.next();
    if (phase === 'in its clean-up') void stream.return();
  });
  expect(signals.map(({ reason }: AbortSignal): unknown => reason)).toMatchObject([{ code: 'TW_SCOPE_ENDED' }, { code: 'TW_SCOPE_ENDED' }]);
});

test('G1: an abort ends a stream whose generator hangs at an await, without waiting for it', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  const stream = traces.runtime().stream(
    'hanging',
    async function* () {
      yield await new Promise<number>(() => undefined);
    },
    { signal: client.signal },
  );
  const pull = stream.next();
  client.abort('gone');
  await expect(pull).rejects.toBe('gone');
  expect(traces.find('hanging')).toMatchObject({ ends: 1, attributes: { 'tracewright.outcome': 'aborted' } });
});

test('G1: clean-up after an abort that needs no more than one turn is inside the span', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  const order: string[] = [];
  const stream = traces.runtime().stream(
    'listening',
    async function* (scope) {
      try {
        yield await new Promise<number>((_, reject) => scope.signal.addEventListener('abort', () => reject(scope.signal.reason)));
      } finally {
        await Promise.resolve();
        order.push(`cleaned up, ${traces.open.length} open`);
      }
    },
    { signal: client.signal },
  );
  const pull = stream.next();
  client.abort('gone');
  await expect(pull).rejects.toBe('gone');
  expect([...order, `told, ${traces.open.length} open`]).toEqual(['cleaned up, 1 open', 'told, 0 open']);
});

test('G1: a clean-up that hangs does not keep a stream open that was aborted at rest', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  const body = async function* (): AsyncGenerator<number> {
    try {
      yield* countTo(2);
    } finally {
      await new Promise(() => undefined);
    }
  };
  const stream = traces.runtime().stream('items', body, { signal: client.signal });
  await stream.next();
  client.abort('gone');
  await expect(stream.next()).rejects.toBe('gone');
  expect(traces.find('items')).toMatchObject({ ends: 1, attributes: { 'tracewright.outcome': 'aborted' } });
});
