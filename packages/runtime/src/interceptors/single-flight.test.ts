import { getEventListeners } from 'node:events';
import { currentScope, isTracewrightError, type Interceptor, operation, type Operation, type Scope } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { describe, expect, test } from 'vitest';
import { cache } from './cache.ts';

/** An operation of which all calls ask for the same thing. */
const sharedWork = (): Operation => operation({ name: 'load', interceptors: [cache({ key: 'orders', ttlMs: 60_000 })] });

const untilAborted = (scope: Scope): Promise<never> =>
  new Promise((_, reject) => scope.signal.addEventListener('abort', () => reject(scope.signal.reason), { once: true }));

const hang = (): Promise<never> => new Promise(() => undefined);

/** Work that goes on until the test lets it end. */
function held<T>(value: T): { readonly work: () => Promise<T>; end(): void } {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { work: () => ended.then(() => value), end: () => end() };
}

const codeOf = (error: unknown): unknown => (isTracewrightError(error) ? error.code : error);
const outcomeOf = (work: Promise<unknown>): Promise<unknown> => work.catch(codeOf);

test('fifty who ask for the same at once share one piece of work, and are linked to it', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const load = sharedWork();
  let calls = 0;
  const works = Array.from({ length: 50 }, () => runtime.run(load, (scope) => scope.run('query', async () => (calls += 1))));
  expect(await Promise.all(works)).toEqual(Array.from({ length: 50 }, () => 1));
  const [leader, ...others] = traces.spans.filter(({ name }) => name === 'load');
  expect(leader).toMatchObject({ attributes: { 'tracewright.cache': 'miss' }, links: [] });
  for (const { attributes, links } of others) {
    expect(attributes['tracewright.cache']).toBe('shared');
    expect(links).toMatchObject([{ spanId: leader?.spanId, attributes: { 'tracewright.link.reason': 'shared' } }]);
  }
});

describe('a caller that leaves', () => {
  test('gets its own reason at once, while the work goes on for the others', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const load = sharedWork();
    const { work, end } = held('orders');
    const client = new AbortController();
    let signal: AbortSignal | undefined;
    const first = runtime.run(load, (scope) => {
      signal = scope.signal;
      return work();
    });
    const leaving = outcomeOf(runtime.run(load, work, { signal: client.signal }));
    client.abort('gone');
    await expect(leaving).resolves.toBe('gone');
    expect(signal?.aborted).toBe(false);
    end();
    await expect(first).resolves.toBe('orders');
    expect(traces.render()).toMatchInlineSnapshot(`
      "load  service service

      load  outcome cancelled  cancelled by client  service service
         → link to load (shared)"
    `);
  });

  test('may be the one who asked first: what the work starts from then on are roots that are linked to its operation', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const load = sharedWork();
    const { work, end } = held(undefined);
    const client = new AbortController();
    const body = async (scope: Scope): Promise<string> => {
      await scope.run('before', work);
      await scope.run('after', () => undefined);
      scope.set({ 'app.late': true });
      return 'orders';
    };
    const first = outcomeOf(runtime.run(load, body, { signal: client.signal }));
    const second = runtime.run(load, body);
    client.abort('gone');
    await expect(first).resolves.toBe('gone');
    end();
    await expect(second).resolves.toBe('orders');
    expect(traces.render()).toMatchInlineSnapshot(`
      "load  outcome cancelled  cancelled by client  service service
      └─ before

      load  service service
         → link to load (shared)

      after  service service
         → link to load (cause)"
    `);
    // The work is kept, although the one whose work it was has not waited for it.
    await expect(runtime.run(load, body)).resolves.toBe('orders');
  });

  test('leaves no listener, and neither does one that gets the result', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const load = sharedWork();
    const client = new AbortController();
    const service = new AbortController();
    const { work, end } = held('orders');
    const works = [service, client, service].map(({ signal }) => outcomeOf(runtime.run(load, work, { signal })));
    client.abort('gone');
    end();
    await expect(Promise.all(works)).resolves.toEqual(['orders', 'gone', 'orders']);
    expect([client, service].flatMap(({ signal }) => getEventListeners(signal, 'abort'))).toEqual([]);
  });
});

test('who was cancelled before asking gets that reason: it neither waits for the work of others nor begins any', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const { work, end } = held('orders');
  const kept = cache({ key: 'orders', ttlMs: 60_000 });
  const cancelled: Interceptor = (scope, next) => next(scope.derive({ signal: AbortSignal.abort('too late') }));
  const late = operation({ name: 'load', interceptors: [cancelled, kept] });
  let calls = 0;
  const body = (): Promise<string> => {
    calls += 1;
    return work();
  };
  await expect(outcomeOf(runtime.run(late, body))).resolves.toBe('too late');
  const first = runtime.run({ name: 'load', interceptors: [kept] }, body);
  await expect(outcomeOf(runtime.run(late, body))).resolves.toBe('too late');
  end();
  await expect(first).resolves.toBe('orders');
  expect(calls).toBe(1);
  expect(traces.spans.map(({ attributes }) => attributes['tracewright.cache'])).toEqual([undefined, 'miss', undefined]);
});

describe('the last caller that leaves', () => {
  test('has the work cancelled, waits until it has ended, and gets its own reason', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const client = new AbortController();
    const leaving = outcomeOf(runtime.run(sharedWork(), (scope) => scope.run('query', untilAborted), { signal: client.signal }));
    client.abort('gone');
    await expect(leaving).resolves.toBe('gone');
    expect(traces.open).toEqual([]);
    expect(traces.render()).toMatchInlineSnapshot(`
      "load  outcome cancelled  cancelled by client  service service
      └─ query  outcome cancelled  cancelled by client"
    `);
  });

  test('has what listens to the signal of the work called in the context of that, not of the client', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const client = new AbortController();
    const heardIn: (string | undefined)[] = [];
    const body = (scope: Scope): Promise<never> => {
      scope.signal.addEventListener('abort', () => heardIn.push(currentScope()?.name));
      return untilAborted(scope);
    };
    const leaving = outcomeOf(runtime.run(sharedWork(), body, { signal: client.signal }));
    client.abort('gone');
    await leaving;
    expect(heardIn).toEqual(['load']);
  });

  test('is the one that counts, whoever left before', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const load = sharedWork();
    const clients = [new AbortController(), new AbortController(), new AbortController()];
    const aborted: unknown[] = [];
    const body = (scope: Scope): Promise<never> => {
      scope.signal.addEventListener('abort', () => aborted.push(scope.signal.reason));
      return untilAborted(scope);
    };
    const works = clients.map(({ signal }) => outcomeOf(runtime.run(load, body, { signal })));
    for (const [index, client] of clients.entries()) {
      expect(aborted).toEqual([]);
      client.abort(`client ${index}`);
      if (index < 2) await expect(works[index]).resolves.toBe(`client ${index}`);
    }
    await expect(works[2]).resolves.toBe('client 2');
    expect(aborted).toEqual(['client 2']);
  });

  test('does not cancel the work when somebody asks again in the same turn', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const load = sharedWork();
    const { work, end } = held('orders');
    const client = new AbortController();
    let calls = 0;
    let signal: AbortSignal | undefined;
    const body = (scope: Scope): Promise<string> => {
      calls += 1;
      ({ signal } = scope);
      return work();
    };
    const leaving = outcomeOf(runtime.run(load, body, { signal: client.signal }));
    client.abort('gone');
    const rejoined = runtime.run(load, body);
    await expect(leaving).resolves.toBe('gone');
    await new Promise((resolve) => setTimeout(resolve));
    expect([calls, signal?.aborted]).toEqual([1, false]);
    end();
    await expect(rejoined).resolves.toBe('orders');
  });

  test('is not joined any more by who asks when the work is being cancelled: that begins anew', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const load = sharedWork();
    const client = new AbortController();
    let asked: Promise<unknown> | undefined;
    const leaving = outcomeOf(
      runtime.run(
        load,
        (scope) => {
          scope.signal.addEventListener('abort', () => {
            asked = runtime.scope.detach().run(load, () => 'new work');
          });
          return untilAborted(scope);
        },
        { signal: client.signal },
      ),
    );
    client.abort('gone');
    await expect(leaving).resolves.toBe('gone');
    await expect(asked).resolves.toBe('new work');
  });

  test('waits one turn of the event loop for work that ignores its signal; what that leaves open is ended', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime({ clock: fakeClock() });
    const client = new AbortController();
    const leaving = outcomeOf(runtime.run(sharedWork(), (scope) => scope.run('query', hang), { signal: client.signal }));
    client.abort('gone');
    await expect(leaving).resolves.toBe('gone');
    expect(traces.open).toEqual([]);
    expect(traces.find('query').attributes['error.type']).toBe('span_not_ended');
    await expect(runtime.close()).resolves.toEqual({ running: 0, cancelled: [], stuck: [] });
  });

  test('does not have half a result kept, which work may give when it is cancelled', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const load = sharedWork();
    const client = new AbortController();
    const half = (scope: Scope): Promise<string> => untilAborted(scope).catch(() => 'half');
    const leaving = outcomeOf(runtime.run(load, half, { signal: client.signal }));
    client.abort('gone');
    await expect(leaving).resolves.toBe('gone');
    await expect(runtime.run(load, () => 'whole')).resolves.toBe('whole');
  });

  test('gets to know of a failure that is no cancellation, as nobody else would', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const client = new AbortController();
    const broken = new Error('cannot roll back');
    const body = (scope: Scope): Promise<never> => untilAborted(scope).catch(() => Promise.reject(broken));
    const leaving = outcomeOf(runtime.run(sharedWork(), body, { signal: client.signal }));
    client.abort('gone');
    await expect(leaving).resolves.toBe(broken);
    expect(traces.find('load').events).toHaveLength(1);
  });
});

describe('G6: a failure of shared work', () => {
  const broken = new TypeError('broken');

  test('is the same error for all who wait, and its exception is recorded once', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const load = sharedWork();
    const works = ['first', 'second', 'third'].map((name) => runtime.run(name, (scope) => scope.run(load, () => Promise.reject(broken))));
    for (const work of works) await expect(work).rejects.toBe(broken);
    expect(traces.render()).toMatchInlineSnapshot(`
      "first  ERROR TypeError  outcome error  service service
      └─ load  ERROR TypeError  outcome error
            ✗ TypeError: broken

      second  ERROR TypeError  outcome error  service service
      └─ load  ERROR TypeError  outcome error
            → link to load (shared)

      third  ERROR TypeError  outcome error  service service
      └─ load  ERROR TypeError  outcome error
            → link to load (shared)"
    `);
  });

  test('is recorded where it happened: below the one who asked first', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const load = sharedWork();
    const body = (scope: Scope): Promise<never> => scope.run('query', () => Promise.reject(broken));
    await Promise.allSettled([runtime.run(load, body), runtime.run(load, body)]);
    expect(traces.spans.map(({ name, events }) => [name, events.length])).toEqual([
      ['load', 0],
      ['query', 1],
      ['load', 0],
    ]);
  });

  test('is recorded by those who wait, where the one who asked first has left', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const load = sharedWork();
    const client = new AbortController();
    const { work, end } = held(undefined);
    const body = (): Promise<never> => work().then(() => Promise.reject(broken));
    const works = [client.signal, undefined].map((signal) => outcomeOf(runtime.run(load, body, { signal })));
    client.abort('gone');
    end();
    await expect(Promise.all(works)).resolves.toEqual(['gone', broken]);
    expect(traces.spans.map(({ events }) => events.length)).toEqual([0, 1]);
  });

  test('that is thrown before there is a promise is one too', async () => {
    using traces = recordTraces();
    const runtime = traces.runtime();
    const throwing: Interceptor = () => {
      throw broken;
    };
    const load = operation({ name: 'load', interceptors: [cache({ key: 'a', ttlMs: 1000 }), throwing] });
    const works = [runtime.run(load, hang), runtime.run(load, hang)];
    for (const work of works) await expect(work).rejects.toBe(broken);
  });
});

describe('work that would wait for itself', () => {
  /** Orders that refer to one another: who loads one loads what it refers to. */
  function references(to: Readonly<Record<string, string>>) {
    const traces = recordTraces();
    const runtime = traces.runtime({ clock: fakeClock() });
    const load = operation({ name: 'load', interceptors: [cache({ key: (_scope, id: string) => id, ttlMs: 1000 })] });
    const loadOrder: (id: string) => Promise<string> = runtime.define(load, async (_scope, id: string) => {
      await Promise.resolve();
      const next = to[id];
      return next === undefined ? id : `${id} ${await loadOrder(next)}`;
    });
    return { runtime, loadOrder, [Symbol.dispose]: () => traces[Symbol.dispose]() };
  }

  test.each([
    ['at once', { a: 'a' }],
    ['through others', { a: 'b', b: 'c', c: 'a' }],
  ])('fails: %s', async (_, to) => {
    using orders = references(to);
    await expect(orders.loadOrder('a')).rejects.toMatchObject({ code: 'TW_DEADLOCK', data: { operation: 'load' } });
    await expect(orders.loadOrder('a')).rejects.toMatchObject({ code: 'TW_DEADLOCK' });
  });

  test('fails where two who asked at the same time meet', async () => {
    using orders = references({ a: 'b', b: 'a' });
    const both = await Promise.all([outcomeOf(orders.loadOrder('a')), outcomeOf(orders.loadOrder('b'))]);
    expect(both).toEqual(['TW_DEADLOCK', 'TW_DEADLOCK']);
  });

  test('is told from work that others ask for too', async () => {
    using orders = references({ a: 'c', b: 'c' });
    await expect(Promise.all([orders.loadOrder('a'), orders.loadOrder('b'), orders.loadOrder('a')])).resolves.toEqual([
      'a c',
      'b c',
      'a c',
    ]);
  });
});
