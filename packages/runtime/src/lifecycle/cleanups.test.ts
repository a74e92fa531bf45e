import { trace } from '@opentelemetry/api';
import { currentScope, type Lifecycle } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const hang = (): Promise<never> => new Promise(() => undefined);

// Go (#63): the context of the cleanup span is thrown away, so that errors reach no span; a panic in a cleanup skips the rest. Here all run, in the span.
test.each([
  ['rejects', (error: Error) => Promise.reject(error)],
  [
    'throws at once',
    (error: Error) => {
      throw error;
    },
  ],
])('G6: R1: of three cleanups the middle one %s: one span with one exception and ERROR, all three ran, in it', async (_, fail) => {
  using traces = recordTraces();
  const error = new Error('middle');
  const ran: unknown[] = [];
  const handle = traces.runtime().lifecycle('app', (l) => {
    const note = (name: string): unknown => ran.push(name, trace.getActiveSpan()?.spanContext().spanId);
    l.defer(() => note('first'));
    l.defer(() => {
      note('middle');
      return fail(error);
    });
    l.defer(() => note('last'));
  });
  await expect(handle.done).resolves.toEqual({ status: 'ok', failures: [{ path: 'app', error, during: 'cleanup' }], stuck: [] });
  expect(traces.render()).toBe(['app.cleanup  ERROR Error  outcome error  service service', '   ✗ Error: middle'].join('\n'));
  const { spanId } = traces.find('app.cleanup');
  expect(ran).toEqual(['last', spanId, 'middle', spanId, 'first', spanId]);
});

test('G6: E7: the span of cleanups that succeed has no status, and a lifecycle without cleanups has no span', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  await runtime.lifecycle('with', (l) => l.defer(() => 1)).done;
  await runtime.lifecycle('without', () => 1).done;
  expect(traces.spans.map(({ name, status, parentSpanId }) => [name, status.code, parentSpanId])).toEqual([
    ['with.cleanup', 'UNSET', undefined],
  ]);
});

test('G6: each error of a cleanup is an exception on the span, and one that an operation has recorded is not recorded twice', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', (l) => {
    l.defer(() => Promise.reject(new Error('first')));
    l.defer(({ scope }) =>
      scope.run('close', () => {
        throw new TypeError('second');
      }),
    );
    l.defer(() => Promise.reject(new RangeError('third')));
  });
  const { status, failures } = await handle.done;
  expect([status, failures.map(({ error }) => String(error))]).toEqual(['ok', ['RangeError: third', 'TypeError: second', 'Error: first']]);
  expect(traces.render()).toMatchInlineSnapshot(`
    "app.cleanup  ERROR Error  outcome error  service service
    │  ✗ RangeError: third
    │  ✗ Error: first
    └─ close  ERROR TypeError  outcome error
          ✗ TypeError: second"
  `);
});

test('G5: the span of cleanups has identity, caller and a link to the cause, as operations in cleanups have', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  await runtime.run('deploy', () => {
    const options = { identity: { extend: { 'component.name': 'orders' } } };
    void runtime.lifecycle('app', (l) => l.fork('worker', (w) => w.defer(({ scope }) => scope.run('close', () => 1))), options);
  });
  await runtime.close();
  expect(traces.render({ attributes: ['component.name', 'component.path'] })).toMatchInlineSnapshot(`
    "deploy  service service

    worker.cleanup  service service
    │  component.name = "orders"
    │  component.path = "app/worker"
    │  → link to deploy (cause)
    └─ close
          component.name = "orders"
          component.path = "app/worker""
  `);
});

test('G11: a hundred cleanups run from last to first, one at a time', async () => {
  using traces = recordTraces();
  const order: number[] = [];
  let running = 0;
  const handle = traces.runtime().lifecycle('app', (l) => {
    for (let index = 0; index < 100; index += 1)
      l.defer(async () => {
        running += 1;
        expect(running).toBe(1);
        await Promise.resolve();
        order.unshift(index);
        running -= 1;
      });
  });
  await expect(handle.done).resolves.toMatchObject({ failures: [] });
  expect(order).toEqual(Array.from({ length: 100 }, (_, index) => index));
});

test('a cleanup that is registered in a cleanup runs next; after the last one it is refused', async () => {
  using traces = recordTraces();
  const order: string[] = [];
  let life: Lifecycle | undefined;
  const refused = (): unknown =>
    expect(() => life?.defer(() => order.push('lost'))).toThrow(
      expect.objectContaining({ code: 'TW_LIFECYCLE_STATE', data: { lifecycle: 'app', state: 'done' } }),
    );
  const handle = traces.runtime().lifecycle(
    'app',
    (l) => {
      life = l;
      l.defer(() => order.push('first'));
      l.defer(() => {
        l.defer(() => order.push('nested'));
        order.push('second');
      });
    },
    { onCompleted: refused },
  );
  await handle.done;
  refused();
  expect(order).toEqual(['second', 'nested', 'first']);
});

test('whenever a cleanup is registered, it either runs or is refused', async () => {
  using traces = recordTraces();
  let [accepted, ran] = [0, 0];
  let racing: Promise<void> | undefined;
  const handle = traces.runtime().lifecycle('app', (l) => {
    l.defer(() => {
      racing = (async () => {
        for (let turn = 0; turn < 50; turn += 1) {
          await Promise.resolve();
          // Fewer and fewer at a time, so that some come in just the turns in which the cleanups end.
          if (turn % 7 !== 0) continue;
          l.defer(() => (ran += 1));
          accepted += 1;
        }
      })().catch(() => undefined);
    });
  });
  await handle.done;
  await racing;
  expect(ran).toBe(accepted);
});

// Go: a cleanup that hangs hangs the process.
test('G11: a cleanup that hangs is cancelled, recorded as a time-out and named as stuck; the next one runs', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const order: unknown[] = [];
  const handle = traces.runtime({ clock }).lifecycle(
    'app',
    (l) => {
      l.defer(() => order.push('next'));
      l.defer(({ signal, scope }) => {
        signal.addEventListener('abort', () => order.push(signal.reason.code, scope.deadline === clock.now()));
        return hang();
      });
      l.defer(() => order.push('before'));
    },
    { cleanupTimeoutMs: 200 },
  );
  await clock.advance(199);
  expect(handle.waitingFor()).toEqual(['cleanup 2 of 3']);
  await clock.advance(1);
  await expect(handle.done).resolves.toEqual({
    status: 'ok',
    failures: [
      {
        path: 'app',
        during: 'cleanup',
        error: expect.objectContaining({ code: 'TW_TIMEOUT', data: { timeoutMs: 200, lifecycle: 'app' } }),
      },
    ],
    stuck: ['app > cleanup 2 of 3'],
  });
  expect(order).toEqual(['before', 'TW_TIMEOUT', true, 'next']);
  expect(traces.render()).toMatchInlineSnapshot(`
    "app.cleanup  ERROR TW_TIMEOUT  outcome error  service service
       ✗ TW_TIMEOUT: cleanup 2 of 3 of app took longer than 200 ms"
  `);
  expect(clock.pending).toBe(0);
});

test('without an option, a cleanup has ten seconds', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => l.defer(hang));
  await clock.advance(9999);
  expect(handle.waitingFor()).toEqual(['cleanup 1 of 1']);
  await clock.advance(1);
  await expect(handle.done).resolves.toMatchObject({ stuck: ['app > cleanup 1 of 1'] });
});

// Go: the context of a cleanup is cancelled after Terminate, or an empty one without identity.
test('after a terminate, cleanups still have a signal and a scope that are not cancelled', async () => {
  using traces = recordTraces();
  const seen: unknown[] = [];
  const handle = traces.runtime().lifecycle('app', (l) => {
    l.defer(async ({ signal, scope }) => {
      seen.push(l.signal.aborted, signal.aborted, scope.signal === signal, currentScope() === scope);
      await scope.run('close', () => 1);
      await expect(l.run('too late', () => 1)).rejects.toMatchObject({ code: 'TW_CANCELLED' });
    });
    l.terminate();
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'terminated', failures: [] });
  expect(seen).toEqual([true, false, true, true]);
  expect(traces.render()).toBe(['app.cleanup  service service', '└─ close'].join('\n'));
});

test('the signal of the lifecycle is not aborted while it cleans up after a stop', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', async (l) => {
    l.defer(() => expect([l.signal.aborted, l.stopping.aborted]).toEqual([false, true]));
    await l.stop();
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'stopped', failures: [] });
});

test('what is used is returned, and disposed of at the end, asynchronously where it can be', async () => {
  using traces = recordTraces();
  const order: unknown[] = [];
  class Both implements AsyncDisposable, Disposable {
    readonly name = 'both';
    [Symbol.dispose](): void {
      order.push('sync');
    }
    async [Symbol.asyncDispose](): Promise<void> {
      await Promise.resolve();
      order.push(`async ${this.name}`);
    }
  }
  const handle = traces.runtime().lifecycle('app', (l) => {
    const given = { [Symbol.dispose]: () => order.push('only sync') };
    expect(l.use(given)).toBe(given);
    l.use(new Both());
    for (const wrong of [{}, undefined, 'text'])
      expect(() => l.use(wrong as never)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
    expect(() => l.defer(1 as never)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'ok', failures: [] });
  expect(order).toEqual(['async both', 'only sync']);
});

test('what a cleanup did not await is ended with the cleanups', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', (l) => {
    l.defer(({ scope }) => void scope.run('forgotten', hang).catch(() => undefined));
  });
  await handle.done;
  expect(traces.find('forgotten').attributes['error.type']).toBe('span_not_ended');
});
