import { getEventListeners } from 'node:events';
import { diag } from '@opentelemetry/api';
import { type Interceptor, type PerItem, type Scope, TracewrightError } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { afterEach, expect, test } from 'vitest';
import { Cancellation } from '../cancellation.ts';
import { requireScope } from '../running-scope.ts';
import type { StreamSeam } from './stream-seam.ts';

afterEach(() => diag.disable());

async function drain<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Tries again, each time as a child operation. */
const again: Interceptor = async (scope, next) => next(scope).catch(() => scope.run('attempt', (attempt) => next(attempt)));

/** What interceptors of ours see of the stream that they are around. */
function seamOf(scope: Scope): StreamSeam {
  const { streaming } = requireScope(scope);
  if (streaming === undefined) throw new Error('it is no stream');
  return streaming;
}

test('next called again after it failed calls the body again, and the pull that waits gets its item', async () => {
  using traces = recordTraces();
  let calls = 0;
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [again] }, async function* (scope) {
    calls += 1;
    await scope.run(`load ${calls}`, () => undefined);
    if (calls === 1) throw new Error('socket');
    yield calls;
  });
  expect(await drain(stream)).toEqual([2]);
  expect(traces.render()).toMatchInlineSnapshot(`
    "rows  outcome done  service service
    ├─ load 1
    └─ attempt
       └─ load 2"
  `);
});

test('once the consumer has got an item, next rejects with the error of the first, and the body is not called again', async () => {
  using traces = recordTraces();
  const errors: unknown[] = [];
  const counts: number[] = [];
  const stubborn: Interceptor = async (scope, next) =>
    next(scope).catch((first: unknown) => {
      errors.push(first);
      counts.push(seamOf(scope).items);
      return next(scope).catch((second: unknown) => {
        errors.push(second);
        throw second;
      });
    });
  let calls = 0;
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [stubborn] }, async function* () {
    calls += 1;
    yield 1;
    throw new Error(`socket ${calls}`);
  });
  await stream.next();
  await expect(stream.next()).rejects.toThrow('socket 1');
  expect(errors[0]).toBe(errors[1]);
  expect([calls, counts]).toEqual([1, [1]]);
  expect(traces.find('rows').attributes).toMatchObject({ 'tracewright.outcome': 'error', 'tracewright.stream.items': 1 });
});

test('an item that an interceptor refused was not handed out: the body may be called again', async () => {
  using traces = recordTraces();
  let looks = 0;
  const picky: Interceptor = {
    item: (item) => {
      looks += 1;
      if (looks === 1) throw new Error('not now');
      return item;
    },
  };
  const seen: unknown[] = [];
  const observing: Interceptor = (scope, next) => {
    seamOf(scope).observe({ item: (item) => seen.push(item) });
    return next(scope);
  };
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [observing, again, picky] }, () => ['a', 'b']);
  expect(await drain(stream)).toEqual(['a', 'b']);
  expect(seen).toEqual(['a', 'b']);
});

test('what a reading still gives after it was cut off is dropped', async () => {
  using traces = recordTraces();
  const give: ((result: IteratorResult<string>) => void)[] = [];
  const body = (): AsyncIterable<string> => ({
    [Symbol.asyncIterator]: () => ({ next: () => new Promise((resolve) => give.push(resolve)) }),
  });
  const cut = new AbortController();
  const cutting: Interceptor = async (scope, next) => next(scope.derive({ signal: cut.signal })).catch(() => next(scope));
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [cutting] }, body);
  const pull = stream.next();
  cut.abort();
  await nextTurn();
  await nextTurn();
  give[0]?.({ done: false, value: 'late' });
  give[1]?.({ done: false, value: 'in time' });
  await expect(pull).resolves.toEqual({ done: false, value: 'in time' });
  await stream.return();
});

test.each<['asked for' | 'taken', unknown]>([
  ['asked for', { code: 'TW_TIMEOUT' }],
  ['taken', { code: 'TW_TIMEOUT' }],
])('G4: a scope with a nearer cancellation stops the consumption when it aborts, with an item %s', async (phase, told) => {
  using traces = recordTraces();
  const cut = new AbortController();
  const log: unknown[] = [];
  const cutting: Interceptor = async (scope, next) =>
    next(scope.derive({ signal: cut.signal })).catch((error: unknown) => {
      log.push('next rejects');
      throw error;
    });
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [cutting] }, async function* (scope) {
    try {
      if (phase === 'taken') yield 1;
      await new Promise((_, reject) => scope.signal.addEventListener('abort', () => reject(scope.signal.reason)));
    } finally {
      log.push('cleaned up');
    }
  });
  const pull = stream.next();
  if (phase === 'taken') await pull;
  cut.abort(new TracewrightError('TW_TIMEOUT', 'too slow'));
  await expect(phase === 'taken' ? stream.next() : pull).rejects.toMatchObject(told as object);
  expect(log).toEqual(['cleaned up', 'next rejects']);
  expect(traces.find('rows')).toMatchObject({ ends: 1, attributes: { 'tracewright.outcome': 'timeout', 'error.type': 'TW_TIMEOUT' } });
});

test('G6: a stream that is stopped by the signal of an interceptor says who cancelled', async () => {
  using traces = recordTraces();
  const cut = new AbortController();
  const cutting: Interceptor = (scope, next) => next(scope.derive({ signal: cut.signal }));
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [cutting] }, () => new Promise<number[]>(() => undefined));
  const pull = stream.next();
  cut.abort();
  await expect(pull).rejects.toMatchObject({ name: 'AbortError' });
  expect(traces.find('rows')).toMatchObject({
    status: { code: 'UNSET' },
    attributes: { 'tracewright.outcome': 'aborted', 'tracewright.cancelled_by': 'client' },
  });
});

test('G6: a client that leaves between two tries, of which the first was cut off, is the one who cancelled', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  const cut = new AbortController();
  const waiting: Interceptor = async (scope, next) =>
    next(scope.derive({ signal: cut.signal })).catch(async () => {
      await scope.clock.sleep(1000, { signal: scope.signal });
      return next(scope);
    });
  const clock = fakeClock();
  const stream = traces
    .runtime({ clock })
    .stream({ name: 'rows', interceptors: [waiting] }, () => new Promise<number[]>(() => undefined), { signal: client.signal });
  const pull = stream.next();
  cut.abort(new TracewrightError('TW_TIMEOUT', 'too slow'));
  await clock.advance(10);
  client.abort('gone');
  await expect(pull).rejects.toBe('gone');
  expect(traces.find('rows').attributes).toMatchObject({ 'tracewright.outcome': 'aborted', 'tracewright.cancelled_by': 'client' });
  expect(clock.pending).toBe(0);
});

test('a scope that is cancelled when it is handed on keeps the body from being called', async () => {
  using traces = recordTraces();
  let called = false;
  const cancelled: Interceptor = (scope, next) => next(scope.derive({ signal: AbortSignal.abort('too late') }));
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [cancelled] }, () => {
    called = true;
    return [1];
  });
  await expect(stream.next()).rejects.toBe('too late');
  expect(called).toBe(false);
});

test('G1: streams under the signal of an interceptor leave no listener on it', async () => {
  using traces = recordTraces();
  const service = new AbortController();
  const deriving: Interceptor = (scope, next) => next(scope.derive({ signal: service.signal }));
  const rows = { name: 'rows', interceptors: [deriving] };
  const failing = (): never => {
    throw new Error('socket');
  };
  for await (const _ of traces.runtime().stream(rows, () => [1, 2])) break;
  await drain(traces.runtime().stream(rows, () => [1, 2]));
  await drain(traces.runtime().stream(rows, failing)).catch(() => undefined);
  expect(getEventListeners(service.signal, 'abort')).toEqual([]);
});

test('G1: a stream leaves no listener on the cancellation of a scope that was handed to it', async () => {
  using traces = recordTraces();
  let listening = 0;
  class CountingCancellation extends Cancellation {
    override subscribe(listener: (reason: unknown) => void): () => void {
      const leave = super.subscribe(listener);
      listening += 1;
      return () => {
        listening -= 1;
        leave();
      };
    }
  }
  const service = new CountingCancellation();
  const rows = {
    name: 'rows',
    interceptors: [(async (scope, next) => next(requireScope(scope).under(service, undefined))) as Interceptor],
  };
  const seen: number[] = [];
  for await (const _ of traces.runtime().stream(rows, () => [1, 2])) seen.push(listening);
  await drain(traces.runtime().stream(rows, () => Promise.reject(new Error('socket')))).catch(() => undefined);
  expect([...seen, listening]).toEqual([1, 1, 0]);
  service.release();
});

test('G6: that a cut-off reading ends as it was told to is no mark on a stream that goes on', async () => {
  using traces = recordTraces();
  const cut = new AbortController();
  const cutting: Interceptor = async (scope, next) => next(scope.derive({ signal: cut.signal })).catch(() => next(scope));
  let calls = 0;
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [cutting] }, async function* (scope) {
    calls += 1;
    if (calls === 1) await new Promise((_, reject) => scope.signal.addEventListener('abort', () => reject(scope.signal.reason)));
    yield 1;
  });
  const drained = drain(stream);
  cut.abort();
  expect(await drained).toEqual([1]);
  const { status, attributes } = traces.find('rows');
  expect([status.code, attributes['tracewright.outcome'], attributes['tracewright.cancelled_by']]).toEqual(['UNSET', 'done', undefined]);
});

test('G6: a clean-up of a cut-off reading that fails after its turn is reported, and no mark on a stream that goes on', async () => {
  const warnings: string[] = [];
  const ignore = (): void => undefined;
  diag.setLogger({ error: ignore, warn: (message) => warnings.push(message), info: ignore, debug: ignore, verbose: ignore });
  using traces = recordTraces();
  const cut = new AbortController();
  const cutting: Interceptor = async (scope, next) => next(scope.derive({ signal: cut.signal })).catch(() => next(scope));
  let failClosing: () => void = ignore;
  const stuck: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => undefined),
      return: () => new Promise((_, reject) => (failClosing = () => reject(new RangeError('cannot close')))),
    }),
  };
  let calls = 0;
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [cutting] }, () => {
    calls += 1;
    return calls === 1 ? stuck : [1];
  });
  const pull = stream.next();
  cut.abort();
  await pull;
  failClosing();
  await nextTurn();
  await stream.return();
  expect(warnings).toEqual([expect.stringContaining('rows')]);
  expect(traces.find('rows').status.code).toBe('UNSET');
});

test('G6: a clean-up of a cut-off reading that fails is shown, also where a second one succeeds', async () => {
  using traces = recordTraces();
  const cut = new AbortController();
  const cutting: Interceptor = async (scope, next) => next(scope.derive({ signal: cut.signal })).catch(() => next(scope));
  let calls = 0;
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [cutting] }, async function* (scope) {
    calls += 1;
    if (calls === 1) {
      await new Promise((resolve) => scope.signal.addEventListener('abort', resolve));
      throw new RangeError('cannot close');
    }
    yield 1;
  });
  const pull = stream.next();
  cut.abort();
  await pull;
  await stream.return();
  expect(traces.find('rows')).toMatchObject({
    status: { code: 'ERROR' },
    attributes: { 'error.type': 'RangeError', 'tracewright.outcome': 'consumer_left' },
  });
});

test('an interceptor may have another source read in place of the body, for one reading', async () => {
  using traces = recordTraces();
  const cached: Interceptor = async (scope, next) => {
    seamOf(scope).replace(['kept']);
    return next(scope);
  };
  const broken: Interceptor = async (scope, next) => {
    seamOf(scope).replace({
      [Symbol.iterator]: () => {
        throw new Error('broken');
      },
    });
    return next(scope).catch(() => next(scope));
  };
  const rows = (interceptor: Interceptor): Promise<string[]> =>
    drain(traces.runtime().stream({ name: 'rows', interceptors: [interceptor] }, () => ['fresh']));
  expect([await rows(cached), await rows(broken)]).toEqual([['kept'], ['fresh']]);
});

test('an interceptor may see each item as the body gave it, when it is handed out', async () => {
  using traces = recordTraces();
  const seen: unknown[] = [];
  const observing: Interceptor = async (scope, next) => {
    const seam = seamOf(scope.as(scope.principal));
    seam.observe({ item: (item) => seen.push([item, seam.items]) });
    seam.observe({
      item: () => {
        throw new Error('an observer that fails changes nothing');
      },
    });
    seam.observe({});
    return next(scope);
  };
  // It is only used for text.
  const shouting: Interceptor = { item: ((item: string) => item.toUpperCase()) as unknown as PerItem };
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [observing, shouting] }, () => ['a', 'b']);
  expect(await drain(stream)).toEqual(['A', 'B']);
  expect(seen).toEqual([
    ['a', 1],
    ['b', 2],
  ]);
});

test('what runs below a stream, and an operation that is none, is not streaming', async () => {
  using traces = recordTraces();
  const seen: unknown[] = [];
  const looking: Interceptor = async (scope, next) => {
    seen.push(requireScope(scope).streaming);
    return next(scope);
  };
  await drain(
    traces
      .runtime()
      .stream('rows', async (scope) => [await scope.run({ name: 'inside', interceptors: [looking] }, () => requireScope(scope).streaming)]),
  );
  await traces.runtime().run({ name: 'alone', interceptors: [looking] }, () => undefined);
  expect(seen).toEqual([undefined, undefined]);
});
