import { trace } from '@opentelemetry/api';
import { currentScope, type Lifecycle, type LifecycleHandle, user } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const noSpan = '0000000000000000';

// Go: a lifecycle that starts while a span is active puts its whole life below that span.
test('G3: E1: what runs in a lifecycle that was started inside an operation has no parent, and one link to it', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  let handle: LifecycleHandle | undefined;
  await runtime.run('deploy', () => {
    handle = runtime.lifecycle('app', async (l) => {
      await l.run('explicit', (scope) => scope.run('below', () => 1));
      await runtime.run('ambient', () => 1);
      for await (const _ of l.stream('stream', () => [1])) await new Promise(setImmediate);
      l.fork('child', (c) => c.run('in a fork', () => 1));
    });
  });
  await handle?.done;
  expect(traces.render()).toMatchInlineSnapshot(`
    "deploy  service service

    explicit  service service
    │  → link to deploy (cause)
    └─ below

    ambient  service service
       → link to deploy (cause)

    stream  outcome done  service service
       → link to deploy (cause)

    in a fork  service service
       → link to deploy (cause)"
  `);
});

test('G3: E1: the same inside a span of the host’s own', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  await traces.tracer('host').startActiveSpan('host', async (span) => {
    const handle = runtime.lifecycle('app', (l) => l.run('work', () => 1));
    expect(trace.getActiveSpan()).toBe(span);
    span.end();
    await handle.done;
  });
  expect(traces.render()).toMatchInlineSnapshot(`
    "host

    work  service service
       → link to host (cause)"
  `);
});

test('G3: a fork that is made inside an operation is linked to that operation', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', (l) =>
    l.run('apply revision', () => {
      l.fork('component', (c) => c.run('bootstrap', () => 1));
    }),
  );
  await handle.done;
  expect(traces.render()).toMatchInlineSnapshot(`
    "apply revision  service service

    bootstrap  service service
       → link to apply revision (cause)"
  `);
});

test('G2: an idle lifecycle emits nothing, however long it lives', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    l.fork('child', (c) => aborted(c.stopping));
    return aborted(l.stopping);
  });
  await clock.advance(86_400_000);
  await handle.stop();
  expect(traces.spans).toEqual([]);
  expect(clock.pending).toBe(0);
});

test('G3: no span is active in a body, and its scope is the current one', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  let life: Lifecycle | undefined;
  await runtime.run('start', async () => {
    await runtime.lifecycle('app', async (l) => {
      life = l;
      await Promise.resolve();
      expect(trace.getActiveSpan()).toBeUndefined();
      expect([currentScope(), l.scope.spanContext.spanId, l.scope.signal]).toEqual([l.scope, noSpan, l.signal]);
    }).done;
  });
  expect(life?.scope.ended).toBe(true);
  await expect(life?.run('late', () => 1)).rejects.toMatchObject({ code: 'TW_SCOPE_ENDED' });
});

// Go: a background cleanup gets an empty context and loses identity.
test('G5: E6: spans of others in cleanups, detached and background work carry identity and caller', async () => {
  using traces = recordTraces();
  const others = traces.tracer('library');
  const emit = (name: string): void => others.startSpan(name).end();
  const handle = traces.runtime().lifecycle(
    'app',
    async (l) => {
      l.defer(async () => {
        await new Promise(setImmediate);
        emit('in a cleanup');
      });
      await new Promise<void>((resolve) => setImmediate(() => resolve(emit('in a timer'))));
      await l.run('work', (scope) => {
        void scope.detach().run('detached', async () => {
          await new Promise(setImmediate);
          emit('in detached work');
        });
      });
      l.fork('child', () => emit('in a fork'));
    },
    { as: user('ada') },
  );
  await handle.done;
  const seen = traces.spans.map(({ name, attributes }) => [name, attributes['caller.id'], attributes['component.path']]);
  expect(Object.fromEntries(seen.map(([name, ...rest]) => [name, rest]))).toEqual({
    'in a timer': ['ada', 'app'],
    work: ['ada', 'app'],
    detached: ['ada', 'app'],
    'in detached work': ['ada', 'app'],
    'in a fork': ['ada', 'app/child'],
    'in a cleanup': ['ada', 'app'],
    'app.cleanup': ['ada', 'app'],
  });
});

test('G3: a timer that a lifecycle left behind finds a detached scope, and starts linked roots of the runtime', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  let late: Promise<unknown> | undefined;
  await runtime.run('start', async () => {
    const handle = runtime.lifecycle('app', () => {
      setImmediate(() =>
        setImmediate(() => {
          late = Promise.all([runtime.run('ambient', () => 1), currentScope()?.run('by scope', () => 1)]);
        }),
      );
    });
    await handle.done;
  });
  await new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
  await late;
  expect(traces.render({ attributes: ['component.path'] })).toMatchInlineSnapshot(`
    "start  service service

    ambient  service service
       component.path = "app"
       → link to start (cause)

    by scope  service service
       component.path = "app"
       → link to start (cause)"
  `);
});

test('G1: detached work is waited for by the lifecycle on whose ground it runs', async () => {
  using traces = recordTraces();
  const order: string[] = [];
  const handle = traces.runtime().lifecycle('app', (l) => {
    l.defer(() => order.push('cleanup'));
    return l.run('request', (scope) => {
      void scope.detach().run('follow up', async () => {
        await new Promise(setImmediate);
        order.push('follow up');
      });
    });
  });
  await handle.done;
  expect(order).toEqual(['follow up', 'cleanup']);
});

test('a lifecycle that is started inside another one stands on the runtime, and on nothing else', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  let inner: LifecycleHandle | undefined;
  const outer = runtime.lifecycle('outer', () => {
    inner = runtime.lifecycle('inner', (l) => aborted(l.grace));
  });
  outer.terminate();
  await expect(outer.done).resolves.toMatchObject({ status: 'terminated' });
  expect(inner).toMatchObject({ path: 'inner' });
  expect(inner?.waitingFor()).toEqual(['body']);
  await expect(inner?.stop()).resolves.toBe(true);
});
