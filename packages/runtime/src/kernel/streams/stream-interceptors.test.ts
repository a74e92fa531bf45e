import { AsyncLocalStorage } from 'node:async_hooks';
import { context, propagation } from '@opentelemetry/api';
import { currentScope, type Interceptor, type OwnedStream, type Scope, user } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { builtIn } from '../interceptor.ts';

async function drain<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** An interceptor that notes how the consumption ended. */
function noting(log: unknown[]): Interceptor {
  return async (scope, next) => {
    try {
      const outcome = await next(scope);
      log.push(outcome);
      return outcome;
    } catch (error) {
      log.push(error);
      throw error;
    }
  };
}

test('interceptors are entered at the first pull, in the scope of the stream; only its span is outside of them', async () => {
  using traces = recordTraces();
  const seen: (string | undefined)[] = [];
  const audited: Interceptor = async (scope, next) => {
    seen.push(currentScope()?.name);
    await scope.run('before', () => undefined);
    const outcome = await next(scope);
    seen.push(currentScope()?.name);
    await scope.run('after', () => undefined);
    return outcome;
  };
  const stream = traces.runtime().stream(
    { name: 'rows', interceptors: [audited] },
    async function* (scope) {
      yield await scope.run('load', () => 1);
      yield 2;
    },
    { as: user('ada') },
  );
  expect(traces.spans).toEqual([]);
  expect(await traces.runtime().run('reader', () => drain(stream))).toEqual([1, 2]);
  expect(seen).toEqual(['rows', 'rows']);
  expect(traces.render()).toMatchInlineSnapshot(`
    "reader  service service

    rows  outcome done  user ada
    ├─ before
    ├─ load
    └─ after"
  `);
});

test('the consumer gets the end, and the span ends, when the interceptors have settled', async () => {
  using traces = recordTraces();
  let settle: () => void = () => undefined;
  const slow: Interceptor = async (scope, next) => {
    const outcome = await next(scope);
    await new Promise<void>((resolve) => {
      settle = resolve;
    });
    return outcome;
  };
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [slow] }, function* () {
    yield 1;
    return 'the rest';
  });
  await stream.next();
  let told = false;
  const last = stream.next().finally(() => {
    told = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect([told, stream.outcome, traces.open.length]).toEqual([false, undefined, 1]);
  settle();
  await expect(last).resolves.toEqual({ done: true, value: 'the rest' });
  expect([stream.outcome, traces.open.length]).toEqual(['done', 0]);
});

test('an interceptor sees the whole consumption: how long it took, and how it ended', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const log: unknown[] = [];
  const logged: Interceptor = async (scope, next) => {
    const startedAt = scope.clock.now();
    const outcome = await next(scope);
    log.push([scope.name, outcome, scope.clock.now() - startedAt]);
    return outcome;
  };
  const read = (name: string): OwnedStream<number> => traces.runtime({ clock }).stream({ name, interceptors: [logged] }, () => [1, 2, 3]);
  for await (const _ of read('read')) clock.tick(100);
  for await (const item of read('left')) {
    clock.tick(100);
    if (item === 2) break;
  }
  expect(log).toEqual([
    ['read', 'done', 300],
    ['left', 'consumer_left', 200],
  ]);
});

test('a stream whose interceptor does not call next is empty', async () => {
  using traces = recordTraces();
  let called = false;
  // What a stub makes up is nothing that a consumer could get.
  const stub: Interceptor = async <T>() => 'made up' as T;
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [stub] }, () => {
    called = true;
    return [1];
  });
  await expect(stream.next()).resolves.toEqual({ done: true, value: undefined });
  expect([called, stream.outcome]).toEqual([false, 'done']);
});

test.each<[string, Interceptor]>([
  ['rejects', async () => Promise.reject(new RangeError('refused'))],
  [
    'throws',
    () => {
      throw new RangeError('refused');
    },
  ],
])('G6: an interceptor that %s before it calls next fails the first pull', async (_, refusing) => {
  using traces = recordTraces();
  let called = false;
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [refusing] }, () => {
    called = true;
    return [1];
  });
  await expect(stream.next()).rejects.toThrow('refused');
  await expect(stream.next()).resolves.toMatchObject({ done: true });
  expect(called).toBe(false);
  expect(traces.find('rows')).toMatchObject({
    ends: 1,
    status: { code: 'ERROR' },
    attributes: { 'tracewright.outcome': 'error', 'error.type': 'RangeError', 'tracewright.stream.items': 0 },
  });
});

test('G6: an interceptor that fails after the last item fails the stream', async () => {
  using traces = recordTraces();
  const late: Interceptor = async (scope, next) => {
    await next(scope);
    throw new RangeError('too few');
  };
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [late] }, () => [1]);
  await expect(stream.next()).resolves.toEqual({ done: false, value: 1 });
  await expect(stream.next()).rejects.toThrow('too few');
  expect(traces.find('rows')).toMatchObject({
    status: { code: 'ERROR' },
    attributes: { 'tracewright.outcome': 'error', 'tracewright.stream.items': 1 },
  });
});

test('an interceptor that swallows the error of the body ends the stream with what was given', async () => {
  using traces = recordTraces();
  const log: unknown[] = [];
  // It has no value of its own to give: what it resolves with is not looked at.
  const lenient: Interceptor = async <T>(scope: Scope, next: (handed: Scope) => Promise<T>) =>
    next(scope).catch((error: unknown) => error as T);
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [lenient, noting(log)] }, async function* () {
    yield 1;
    throw new Error('lost');
  });
  expect(await drain(stream)).toEqual([1]);
  expect(log).toEqual([new Error('lost')]);
  expect(traces.find('rows')).toMatchObject({ status: { code: 'UNSET' }, attributes: { 'tracewright.outcome': 'done' } });
});

test('G6: an interceptor cannot swallow that the stream was stopped, but it may fail in its own way', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  // What the first resolves with is not looked at.
  const lenient: Interceptor = async (scope, next) => next(scope).catch(() => undefined as never);
  const translating: Interceptor = async (scope, next) => next(scope).catch(() => Promise.reject(new RangeError('no rows')));
  const read = (name: string, interceptor: Interceptor): Promise<unknown> =>
    traces
      .runtime()
      .stream({ name, interceptors: [interceptor] }, () => new Promise<number[]>(() => undefined), { signal: client.signal })
      .next()
      .catch((error: unknown) => error);
  const told = Promise.all([read('swallowed', lenient), read('translated', translating)]);
  client.abort('gone');
  expect(await told).toEqual(['gone', new RangeError('no rows')]);
  expect(traces.find('swallowed').attributes['tracewright.outcome']).toBe('aborted');
  expect(traces.find('translated').attributes).toMatchObject({ 'tracewright.outcome': 'error', 'error.type': 'RangeError' });
});

test('an interceptor may put another error in place of that of the body', async () => {
  using traces = recordTraces();
  const translating: Interceptor = async (scope, next) =>
    next(scope).catch((cause: unknown) => Promise.reject(new RangeError('no rows', { cause })));
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [translating] }, () => Promise.reject(new Error('socket')));
  await expect(drain(stream)).rejects.toThrow('no rows');
  expect(traces.find('rows').attributes).toMatchObject({ 'error.type': 'RangeError' });
});

test('an interceptor that calls next twice at once fails the stream, and what was being read is closed', async () => {
  using traces = recordTraces();
  let closed = false;
  const greedy: Interceptor = async (scope, next) => {
    const [outcome] = await Promise.all([next(scope), next(scope)]);
    return outcome;
  };
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [greedy] }, async function* (scope) {
    try {
      await new Promise((_, reject) => scope.signal.addEventListener('abort', () => reject(scope.signal.reason)));
      yield 1;
    } finally {
      closed = true;
    }
  });
  await expect(stream.next()).rejects.toMatchObject({ code: 'TW_NEXT_MISUSED', data: { operation: 'rows', state: 'running' } });
  expect([closed, stream.outcome]).toEqual([true, 'error']);
});

test('an interceptor that calls next again after the last item fails the stream', async () => {
  using traces = recordTraces();
  const again: Interceptor = async (scope, next) => {
    await next(scope);
    return next(scope);
  };
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [again] }, () => [1]);
  await expect(drain(stream)).rejects.toMatchObject({ code: 'TW_NEXT_MISUSED', data: { state: 'succeeded' } });
});

test('an interceptor that does not wait for next ends the stream, and what was being read is stopped', async () => {
  using traces = recordTraces();
  const reasons: unknown[] = [];
  const body = async function* (scope: { readonly signal: AbortSignal }): AsyncGenerator<number> {
    yield 1;
    await new Promise((_, reject) => scope.signal.addEventListener('abort', () => reject(scope.signal.reason))).catch((error: unknown) =>
      reasons.push(error),
    );
  };
  let give: () => void = () => undefined;
  const impatient: Interceptor = <T>(scope: Scope, next: (handed: Scope) => Promise<T>) =>
    Promise.race([next(scope), new Promise<T>((resolve) => (give = () => resolve('enough' as T)))]); // As the test before: nobody gets it.
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [impatient] }, body);
  await stream.next();
  const pull = stream.next();
  give();
  await expect(pull).resolves.toEqual({ done: true, value: undefined });
  expect(reasons).toMatchObject([{ code: 'TW_SCOPE_ENDED' }]);
  expect(stream.outcome).toBe('done');
});

test('nothing is read once the interceptors have settled', async () => {
  using traces = recordTraces();
  let called = false;
  const late: (() => Promise<unknown>)[] = [];
  // Ours keep the rule of `next` by themselves, so that nothing guards them.
  const keeping = builtIn((scope, next) => {
    late.push(() => next(scope));
    return new Promise(() => undefined);
  });
  const body = (): number[] => {
    called = true;
    return [1];
  };
  const [failing, stubbing]: Interceptor[] = [
    (scope, next) => Promise.race([next(scope), Promise.reject(new RangeError('gave up'))]),
    (scope, next) => Promise.race([next(scope), Promise.resolve(undefined as never)]), // What it resolves with is not looked at.
  ];
  for (const outer of [failing, stubbing]) {
    if (outer !== undefined)
      await drain(traces.runtime().stream({ name: 'rows', interceptors: [outer, keeping] }, body)).catch(() => undefined);
  }
  await expect(late[0]?.()).rejects.toThrow('gave up');
  await expect(late[1]?.()).rejects.toMatchObject({ code: 'TW_SCOPE_ENDED' });
  expect(called).toBe(false);
});

test('G1: what is read when an interceptor settles without it has one turn to clean up inside the span', async () => {
  using traces = recordTraces();
  const log: string[] = [];
  let settle: () => void = () => undefined;
  const impatient: Interceptor = async (scope, next) => {
    void next(scope);
    await new Promise<void>((resolve) => {
      settle = resolve;
    });
    throw new RangeError('gave up');
  };
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [impatient] }, async function* () {
    try {
      yield* [1, 2];
    } finally {
      await Promise.resolve();
      log.push(`cleaned up, ${traces.open.length} open`);
    }
  });
  await stream.next();
  settle();
  await new Promise((resolve) => setImmediate(resolve));
  expect([...log, stream.outcome]).toEqual(['cleaned up, 1 open', 'error']);
  await expect(stream.next()).rejects.toThrow('gave up');
});

test('G4: the body runs in the scope that an interceptor hands on, for every pull', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const asAda: Interceptor = (scope, next) => next(scope.as(user('ada')));
  const body = async function* (): AsyncGenerator<string | undefined> {
    yield currentScope()?.principal.id;
    yield await runtime.run('inside', (scope) => scope.principal.id);
  };
  const stream = runtime.stream({ name: 'rows', interceptors: [asAda] }, body, { as: user('bob') });
  expect(await runtime.run('reader', () => drain(stream), { as: user('eve') })).toEqual(['ada', 'ada']);
  expect(traces.find('inside')).toMatchObject({ parentSpanId: traces.find('rows').spanId, attributes: { 'caller.id': 'ada' } });
});

test('G4: the body has the stores that an interceptor sets, and the baggage of the consumer that pulls', async () => {
  using traces = recordTraces();
  const store = new AsyncLocalStorage<string>();
  const stored: Interceptor = (scope, next) => store.run('interceptor', () => next(scope));
  const inTenant = <T>(tenant: string, fn: () => T): T =>
    context.with(propagation.setBaggage(context.active(), propagation.createBaggage({ tenant: { value: tenant } })), fn);
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [stored] }, async function* () {
    for (;;) yield [store.getStore(), propagation.getActiveBaggage()?.getEntry('tenant')?.value];
  });
  const seen = [await inTenant('first', () => stream.next()), await inTenant('second', () => stream.next())];
  await stream.return();
  expect(seen.map(({ value }) => value)).toEqual([
    ['interceptor', 'first'],
    ['interceptor', 'second'],
  ]);
  expect(store.getStore()).toBeUndefined();
});

test('interceptors are not entered for a stream that is never pulled, left unread, or cancelled before its first pull', async () => {
  using traces = recordTraces();
  let entered = false;
  const entering: Interceptor = (scope, next) => {
    entered = true;
    return next(scope);
  };
  const client = new AbortController();
  const rows = (): OwnedStream<number> =>
    traces.runtime().stream({ name: 'rows', interceptors: [entering] }, () => [1], { signal: client.signal });
  rows();
  const unread = rows();
  await unread.return();
  client.abort();
  await expect(rows().next()).rejects.toMatchObject({ code: 'TW_CANCELLED' });
  expect([entered, unread.outcome]).toEqual([false, 'never_started']);
  expect(traces.find('rows').attributes['tracewright.outcome']).toBe('never_started');
});

test('as a web stream, and under pulls that overlap, interceptors are entered once', async () => {
  using traces = recordTraces();
  const log: unknown[] = [];
  const rows = (): OwnedStream<number> => traces.runtime().stream({ name: 'rows', interceptors: [noting(log)] }, () => [1, 2]);
  expect(await drain(rows().toReadableStream())).toEqual([1, 2]);
  const pulled = rows();
  const results = await Promise.all([pulled.next(), pulled.next(), pulled.next(), pulled.next()]);
  expect(results.map(({ value }) => value)).toEqual([1, 2, undefined, undefined]);
  expect(log).toEqual(['done', 'done']);
});

test('G1: an interceptor that hands on no scope fails the stream', async () => {
  using traces = recordTraces();
  const forgetful: Interceptor = (_, next) => next(undefined as never);
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [forgetful] }, () => [1]);
  await expect(stream.next()).rejects.toThrow(TypeError);
  expect(traces.find('rows')).toMatchObject({ ends: 1, status: { code: 'ERROR' } });
});

test('values and errors that a consumer sends reach the body through interceptors', async () => {
  using traces = recordTraces();
  const log: unknown[] = [];
  const stream = traces.runtime().stream({ name: 'echo', interceptors: [noting(log)] }, async function* () {
    const got: unknown = yield 1;
    try {
      yield got;
    } catch (error) {
      yield error;
    }
  });
  await stream.next();
  await expect(stream.next('sent')).resolves.toEqual({ done: false, value: 'sent' });
  await expect(stream.throw('thrown')).resolves.toEqual({ done: false, value: 'thrown' });
  await stream.return();
  const deaf = traces.runtime().stream({ name: 'deaf', interceptors: [noting(log)] }, () => [1, 2]);
  await deaf.next();
  await expect(deaf.throw('thrown')).rejects.toBe('thrown');
  expect(log).toEqual(['consumer_left', 'thrown']);
});
