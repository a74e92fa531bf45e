import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { createRuntime, currentScope, isTracewrightError, type Scope, user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

class OutOfStock extends Error {
  override readonly name = 'OutOfStock';
}

test('G1: a body that returns, throws, rejects or throws synchronously ends its span exactly once', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const thrown = new OutOfStock('none left');
  await expect(runtime.run('returns', () => 1)).resolves.toBe(1);
  await expect(runtime.run('resolves', async () => 2)).resolves.toBe(2);
  await expect(
    runtime.run('throws', () => {
      throw thrown;
    }),
  ).rejects.toBe(thrown);
  await expect(runtime.run('rejects', () => Promise.reject(thrown))).rejects.toBe(thrown);
  expect(traces.spans.map(({ name, ends, status }) => ({ name, ends, status: status.code }))).toEqual([
    { name: 'returns', ends: 1, status: 'UNSET' },
    { name: 'resolves', ends: 1, status: 'UNSET' },
    { name: 'throws', ends: 1, status: 'ERROR' },
    { name: 'rejects', ends: 1, status: 'ERROR' },
  ]);
});

test('G1: a child that its owner does not wait for is ended before its owner, as not ended', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  let late: Scope | undefined;
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let floating: Promise<void> | undefined;
  await runtime.run('owner', (scope) => {
    floating = scope.run('floating', async (child) => {
      late = child;
      await held;
    });
  });
  expect(traces.open).toEqual([]);
  expect(traces.find('floating')).toMatchObject({
    ends: 1,
    status: { code: 'ERROR', message: 'still open when owner ended' },
    attributes: { 'error.type': 'span_not_ended' },
  });
  await expect(late?.run('later', () => 1)).rejects.toMatchObject({
    code: 'TW_SCOPE_ENDED',
    data: { operation: 'later', scope: 'floating' },
  });
  letGo();
  await floating;
  expect(traces.find('floating').ends).toBe(1);
});

test('G6: the innermost operation that failed records the exception, every operation that failed says so', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const work = runtime.run('request', (scope) =>
    scope.run('load', () => {
      throw new OutOfStock('none left');
    }),
  );
  await expect(work).rejects.toThrow('none left');
  expect(
    traces.find('load').events.map(({ name, attributes }) => [name, attributes['exception.type'], attributes['exception.message']]),
  ).toEqual([['exception', 'OutOfStock', 'none left']]);
  expect(traces.find('request').events).toEqual([]);
  for (const name of ['load', 'request']) {
    expect(traces.find(name)).toMatchObject({
      status: { code: 'ERROR', message: 'none left' },
      attributes: { 'error.type': 'OutOfStock', 'tracewright.outcome': 'error' },
    });
  }
});

test('G6: of several children that fail at once, each records its own exception, and the owner none again', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const work = runtime.run('request', async (scope) => {
    const results = await Promise.allSettled([
      scope.run('left', () => {
        throw new Error('left');
      }),
      scope.run('right', () => {
        throw new Error('right');
      }),
    ]);
    const [first] = results;
    if (first?.status === 'rejected') throw first.reason;
  });
  await expect(work).rejects.toThrow('left');
  expect(traces.spans.map(({ name, events }) => [name, events.length])).toEqual([
    ['request', 0],
    ['left', 1],
    ['right', 1],
  ]);
});

test('G6: values that are no objects are recorded wherever they are thrown, as equal ones cannot be told apart', async () => {
  using traces = recordTraces();
  const work = traces.runtime().run('owner', async (scope) => {
    await scope.run('child', () => Promise.reject('text')).catch(() => undefined);
    throw 'text';
  });
  await expect(work).rejects.toBe('text');
  expect(traces.spans.map(({ events }) => events.length)).toEqual([1, 1]);
});

test('G6: an error that is thrown again in another trace is recorded there too', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const shared = new Error('made once');
  for (const name of ['first', 'second'])
    await expect(
      runtime.run(name, () => {
        throw shared;
      }),
    ).rejects.toBe(shared);
  expect(traces.spans.map(({ events }) => events.length)).toEqual([1, 1]);
});

test.each([
  ['a code', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  ['a class', new TypeError('wrong'), 'TypeError'],
  ['text', 'just text', '_OTHER'],
  ['nothing', undefined, '_OTHER'],
  ['a code of unbounded values', Object.assign(new RangeError('x'), { code: 'user 17 not found' }), 'RangeError'],
])('G6: error.type is the code of an error, else its class: %s', async (_, thrown, expected) => {
  using traces = recordTraces();
  await expect(
    traces.runtime().run('fails', () => {
      throw thrown;
    }),
  ).rejects.toBe(thrown);
  expect(traces.find('fails').attributes['error.type']).toBe(expected);
});

test('G6: work that its client cancelled is no failure, and says who cancelled', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  const work = traces
    .runtime()
    .run('search', (scope) => new Promise((_, reject) => scope.signal.addEventListener('abort', () => reject(scope.signal.reason))), {
      signal: client.signal,
    });
  client.abort();
  await expect(work).rejects.toMatchObject({ name: 'AbortError' });
  expect(traces.find('search')).toMatchObject({
    status: { code: 'UNSET' },
    attributes: { 'tracewright.outcome': 'cancelled', 'tracewright.cancelled_by': 'client' },
    events: [],
  });
});

test('G6: a time-out from outside is a failure, cancelled by the time-out', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  const work = traces
    .runtime()
    .run(
      'search',
      (scope) =>
        new Promise((_, reject) =>
          scope.signal.addEventListener('abort', () => reject(new Error('gave up', { cause: scope.signal.reason }))),
        ),
      { signal: client.signal },
    );
  client.abort(new DOMException('too slow', 'TimeoutError'));
  await expect(work).rejects.toThrow('gave up');
  expect(traces.find('search')).toMatchObject({
    status: { code: 'ERROR' },
    attributes: { 'tracewright.outcome': 'cancelled', 'tracewright.cancelled_by': 'timeout' },
  });
});

test('G6: an error of its own after a cancellation stays an error', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  const work = traces.runtime().run(
    'search',
    () => {
      client.abort();
      throw new TypeError('a bug');
    },
    { signal: client.signal },
  );
  await expect(work).rejects.toThrow('a bug');
  expect(traces.find('search').attributes).toMatchObject({ 'tracewright.outcome': 'error', 'error.type': 'TypeError' });
});

test('an operation that is cancelled before it starts runs nothing and has no span', async () => {
  using traces = recordTraces();
  let ran = false;
  const work = traces.runtime().run(
    'search',
    () => {
      ran = true;
    },
    { signal: AbortSignal.abort('gone') },
  );
  await expect(work).rejects.toMatchObject({ code: 'TW_CANCELLED', data: { by: 'client', operation: 'search' }, cause: 'gone' });
  expect([ran, traces.spans.length]).toEqual([false, 0]);
});

test('a span of the host is the parent of an operation, and an operation the parent of spans of others', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const http = traces.tracer('http').startSpan('GET /');
  await context.with(trace.setSpan(context.active(), http), () =>
    runtime.run('handle', async () => {
      traces.tracer('pg').startSpan('SELECT').end();
      await runtime.run('render', () => 1);
    }),
  );
  http.end();
  expect(traces.render({ caller: false })).toBe('GET /\n└─ handle\n   ├─ SELECT\n   └─ render');
});

test('an explicit scope is the parent where no context is carried along', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  await runtime.run('request', (scope) =>
    context.with(ROOT_CONTEXT, () =>
      scope.run('child', (child) => {
        expect(child.name).toBe('child');
      }),
    ),
  );
  expect(traces.find('child').parentSpanId).toBe(traces.find('request').spanId);
});

test('the current scope follows the work, and is nowhere outside of it', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  expect(currentScope()).toBeUndefined();
  await runtime.run('request', async (scope) => {
    expect(currentScope()).toBe(scope);
    await scope.run('child', async (child) => {
      await Promise.resolve();
      expect(currentScope()).toBe(child);
    });
    expect(currentScope()).toBe(scope);
  });
  expect(currentScope()).toBeUndefined();
});

test('a defined operation takes its arguments, and runs in a given scope when asked to', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const add = runtime.define(
    { name: 'add', attributes: { unit: 'eur' } },
    (scope, left: number, right: number) => `${scope.name} ${left + right}`,
  );
  await expect(add(1, 2)).resolves.toBe('add 3');
  await runtime.run('request', (scope) => add.in(scope, 3, 4), { as: user('ada') });
  expect(traces.render()).toMatchInlineSnapshot(`
    "add  service service

    request  user ada
    └─ add"
  `);
});

test('G9: a tracer that throws at every call changes no result', async () => {
  const broken = {
    getTracer: () => ({
      startSpan: () => {
        throw new Error('no span');
      },
      startActiveSpan: () => {
        throw new Error('no span');
      },
    }),
  };
  const runtime = createRuntime({ tracerProvider: broken });
  await expect(runtime.run('works', (scope) => scope.run('inner', () => 42))).resolves.toBe(42);
  await expect(
    runtime.run('fails', () => {
      throw new OutOfStock('none');
    }),
  ).rejects.toThrow(OutOfStock);
});

test('G9: a span whose every method throws changes no result', async () => {
  const thrower = new Proxy(
    {},
    {
      get: () => () => {
        throw new Error('broken span');
      },
    },
  );
  const runtime = createRuntime({
    tracerProvider: { getTracer: () => ({ startSpan: () => thrower, startActiveSpan: () => undefined }) as never },
  });
  const work = runtime.run('works', async (scope) => {
    scope.set({ a: 1 });
    scope.event('happened');
    const items: number[] = [];
    for await (const item of scope.stream('items', () => [1, 2])) items.push(item);
    return [items, scope.spanContext.traceId, scope.inject()];
  });
  await expect(work).resolves.toEqual([[1, 2], '00000000000000000000000000000000', {}]);
});

test('wrong attributes at run time are left out, and break nothing', async () => {
  using traces = recordTraces();
  await traces.runtime().run('works', (scope) => {
    scope.set({ good: 'yes', bad: { nested: true } as never, gone: undefined });
    scope.set({
      get broken(): string {
        throw new Error('no');
      },
    });
  });
  expect(traces.find('works').attributes).toMatchObject({ good: 'yes' });
  expect(traces.find('works').attributes).not.toHaveProperty('bad');
});

test('G2: root operations begin a trace of their own, linked to the span that was active', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  await runtime.run('request', (scope) => scope.run({ name: 'job', root: true }, () => 1));
  const [request, job] = [traces.find('request'), traces.find('job')];
  expect(job.traceId).not.toBe(request.traceId);
  expect(job.links).toMatchObject([
    {
      traceId: request.traceId,
      spanId: request.spanId,
      attributes: { 'tracewright.link.reason': 'cause', 'tracewright.link.sampled': true },
    },
  ]);
});

test('G3: work that a timer or listener starts after its operation has ended is a linked root', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  let tick = (): Promise<number> => Promise.resolve(0);
  await runtime.run(
    'request',
    (scope) => {
      tick = scope.bind(() => runtime.run('tick', () => 1));
    },
    { as: user('ada'), identity: { extend: { 'component.name': 'poller' } } },
  );
  await tick();
  await tick();
  const request = traces.find('request');
  for (const span of traces.spans.filter(({ name }) => name === 'tick')) {
    expect(span).toMatchObject({ links: [{ spanId: request.spanId }], attributes: { 'caller.id': 'ada', 'component.name': 'poller' } });
    expect(span.parentSpanId).toBeUndefined();
  }
});

test('G3: a promise that an operation left behind starts a linked root, not a child of a finished span', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let late: Promise<number> | undefined;
  await runtime.run('request', () => {
    late = gate.then(() => runtime.run('late', () => 1));
  });
  open();
  await expect(late).resolves.toBe(1);
  expect(traces.find('late').parentSpanId).toBeUndefined();
  expect(traces.find('late').links).toMatchObject([{ spanId: traces.find('request').spanId }]);
});

test('G5: suppressed operations leave no orphans: what runs in them attaches to the span above', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime({ suppress: ['middle'] });
  await runtime.run('request', (scope) => scope.run('middle', (middle) => middle.run('leaf', () => 1)));
  expect(traces.render({ caller: false })).toBe('request\n└─ leaf');
});

test('is told apart from other errors across copies of the package', () => {
  const foreign = Object.assign(new Error('x'), { code: 'TW_TIMEOUT', [Symbol.for('tracewright.error')]: true });
  expect([
    isTracewrightError(foreign, 'TW_TIMEOUT'),
    isTracewrightError(foreign, 'TW_CANCELLED'),
    isTracewrightError(new Error('x')),
  ]).toEqual([true, false, false]);
});
