import { getEventListeners } from 'node:events';
import type { Lifecycle, LifecycleHandle } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const hang = (): Promise<never> => new Promise(() => undefined);

/** A source that gives what it is told to, and notes when it is left. */
function source<T>(next: () => Promise<IteratorResult<T>>): { readonly items: AsyncIterable<T>; readonly returns: number } {
  const state = { returns: 0 };
  const iterator: AsyncIterator<T> = {
    next,
    return: () => {
      state.returns += 1;
      return Promise.resolve({ done: true, value: undefined });
    },
  };
  return {
    items: { [Symbol.asyncIterator]: () => iterator },
    get returns() {
      return state.returns;
    },
  };
}

test.each([
  ['is stopped', (handle: LifecycleHandle) => void handle.stop(), 'stopped'],
  ['is terminated', (handle: LifecycleHandle) => handle.terminate(), 'terminated'],
])('a loop over a silent source ends when the lifecycle %s, and leaves the source', async (_, end, status) => {
  using traces = recordTraces();
  const silent = source<number>(hang);
  const order: string[] = [];
  const handle = traces.runtime().lifecycle('app', async (l) => {
    for await (const item of l.until(silent.items)) order.push(`item ${item}`);
    order.push('after the loop');
  });
  await new Promise(setImmediate);
  end(handle);
  await expect(handle.done).resolves.toMatchObject({ status });
  expect([order, silent.returns]).toEqual([['after the loop'], 1]);
});

test('a loop that is busy when the stop comes ends before the next item, and waits for the source to clean up', async () => {
  using traces = recordTraces();
  const order: unknown[] = [];
  async function* numbers(): AsyncGenerator<number> {
    try {
      for (let number = 1; ; number += 1) yield number;
    } finally {
      await new Promise(setImmediate);
      order.push('cleaned up');
    }
  }
  const handle = traces.runtime().lifecycle('app', async (l) => {
    for await (const item of l.until(numbers())) {
      order.push(item);
      if (item === 2) await l.stop();
    }
    order.push('after the loop');
  });
  await handle.done;
  expect(order).toEqual([1, 2, 'cleaned up', 'after the loop']);
});

test('a source that ends or fails ends the loop as without it', async () => {
  using traces = recordTraces();
  const error = new Error('no');
  async function* two(fail: boolean): AsyncGenerator<number> {
    yield 1;
    yield 2;
    if (fail) throw error;
  }
  const seen: number[] = [];
  const loop = async (l: Lifecycle, fail: boolean): Promise<void> => {
    for await (const item of l.until(two(fail))) seen.push(item);
  };
  const handle = traces.runtime().lifecycle('app', async (l) => {
    await loop(l, false);
    await expect(loop(l, true)).rejects.toBe(error);
    await expect(
      l
        .until(
          source<number>(() => {
            throw error;
          }).items,
        )
        .next(),
    ).rejects.toBe(error);
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'ok' });
  expect(seen).toEqual([1, 2, 1, 2]);
});

test('a loop that breaks leaves the source and listens no longer', async () => {
  using traces = recordTraces();
  const ones = source(() => Promise.resolve({ done: false, value: 1 }));
  const handle = traces.runtime().lifecycle('app', async (l) => {
    for (let round = 0; round < 3; round += 1) for await (const _ of l.until(ones.items)) break;
    expect(getEventListeners(l.grace, 'abort')).toEqual([]);
  });
  await handle.done;
  expect(ones.returns).toBe(3);
});

test('pulls that overlap are answered in turn, and after the end there is nothing', async () => {
  using traces = recordTraces();
  let given = 0;
  const count = source(async () => {
    await new Promise(setImmediate);
    given += 1;
    return { done: false, value: given };
  });
  const handle = traces.runtime().lifecycle('app', async (l) => {
    const items = l.until(count.items);
    await expect(Promise.all([items.next(), items.next(), items.next()])).resolves.toEqual(
      [1, 2, 3].map((value) => ({ done: false, value })),
    );
    const late = items.next();
    l.terminate();
    await expect(late).resolves.toEqual({ done: true, value: undefined });
    await expect(items.next()).resolves.toEqual({ done: true, value: undefined });
  });
  await handle.done;
  expect(count.returns).toBe(1);
});

test('a loop that begins in a lifecycle that has stopped asks the source for nothing', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', async (l) => {
    await l.stop();
    for await (const _ of l.until(source(() => Promise.reject(new Error('asked'))).items)) throw new Error('an item');
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'stopped' });
});

test('a stream of the lifecycle can be read until it stops; its span ends with it', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', async (l) => {
    for await (const _ of l.until(l.stream('poll', () => new ReadableStream<number>()))) throw new Error('an item');
  });
  await new Promise(setImmediate);
  await handle.stop();
  expect(traces.render()).toBe('poll  outcome consumer_left  cancelled by consumer  service service');
});

test.each([undefined, null, 1])('a source whose next gives %s fails the loop, as in a loop of the language', async (wrong) => {
  using traces = recordTraces();
  const broken = source<number>(() => Promise.resolve(wrong as never));
  const handle = traces.runtime().lifecycle('app', async (l) => {
    for await (const _ of l.until(broken.items)) throw new Error('an item');
  });
  const outcome = await handle.done;
  expect(outcome).toMatchObject({ status: 'failed', error: new TypeError(`Iterator result ${wrong} is not an object`) });
  expect(broken.returns).toBe(0);
});

test('a source whose result cannot be read fails the loop', async () => {
  using traces = recordTraces();
  const error = new Error('no');
  const result = {
    value: 1,
    get done(): boolean {
      throw error;
    },
  };
  const handle = traces.runtime().lifecycle('app', async (l) => {
    for await (const _ of l.until(source<number>(() => Promise.resolve(result)).items)) throw new Error('an item');
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'failed', error });
});

test('a pull that waits when the iterator is returned is answered with the end', async () => {
  using traces = recordTraces();
  const silent = source<number>(hang);
  const handle = traces.runtime().lifecycle('app', async (l) => {
    const items = l.until(silent.items);
    const [pulled, queued] = [items.next(), items.next()];
    await expect(items.return?.(7)).resolves.toEqual({ done: true, value: 7 });
    await expect(Promise.all([pulled, queued])).resolves.toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'ok' });
  expect(silent.returns).toBe(1);
});

/** A silent source that is left as `leave` says. */
function leaving(leave: () => Promise<unknown>): AsyncIterable<number> {
  const iterator: AsyncIterator<number> = { next: hang, return: () => leave().then((value) => ({ done: true, value })) };
  return { [Symbol.asyncIterator]: () => iterator };
}

async function consume(l: Lifecycle, items: AsyncIterable<number>): Promise<void> {
  for await (const _ of l.until(items)) throw new Error('an item');
}

test('a stopped lifecycle waits for its source to be left before it cleans up', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const order: string[] = [];
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    l.defer(() => order.push('cleanup'));
    return consume(
      l,
      leaving(() => clock.sleep(999).then(() => order.push('left'))),
    );
  });
  void handle.stop();
  await clock.advance(998);
  expect([order, handle.waitingFor()]).toEqual([[], ['source']]);
  await clock.advance(1);
  await expect(handle.done).resolves.toMatchObject({ status: 'stopped', failures: [], stuck: [] });
  expect([order, clock.pending]).toEqual([['left', 'cleanup'], 0]);
});

test.each([
  [1000, {}],
  [300, { drainTimeoutMs: 300 }],
  [1000, { drainTimeoutMs: 5000 }],
])('a source that cannot be left is waited for %d ms with %o, and is no reason to end by force', async (timeoutMs, options) => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => consume(l, leaving(hang)), options);
  void handle.stop();
  await clock.advance(timeoutMs - 1);
  expect(handle.waitingFor()).toEqual(['source']);
  await clock.advance(1);
  await expect(handle.done).resolves.toMatchObject({ status: 'stopped', stuck: [] });
  expect(clock.pending).toBe(0);
});

test('a source that fails when it is left is among the failures', async () => {
  using traces = recordTraces();
  const error = new Error('no');
  const handle = traces.runtime().lifecycle('app', (l) =>
    consume(
      l,
      leaving(() => Promise.reject(error)),
    ),
  );
  await handle.stop();
  await expect(handle.done).resolves.toMatchObject({ status: 'stopped', failures: [{ path: 'app', error }] });
});

test('closing the runtime gives up a source that is being left', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const handle = runtime.lifecycle('app', (l) => consume(l, leaving(hang)));
  const closing = runtime.close({ timeoutMs: 100, graceMs: 50 });
  await clock.advance(150);
  await closing;
  await expect(handle.done).resolves.toMatchObject({ status: 'terminated', stuck: ['app > source'] });
  expect(clock.pending).toBe(0);
});

test('what is no async iterable is refused', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', (l) => {
    for (const wrong of [undefined, 1, [1], 'text'])
      expect(() => l.until(wrong as never)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'ok' });
});
