import { getEventListeners } from 'node:events';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { BackgroundWork } from '../background.ts';
import { block } from './hook-block.ts';
import type { HookContext, HookRegistration } from './hook-registration.ts';
import { hookType } from './hook-type.ts';
import { RuntimeHooks } from './hooks.ts';

const event = hookType<{ readonly text: string }>()('event', { writable: ['text'] });
const payload = (): { text: string } => ({ text: 'as it was' });
const hang = (): Promise<never> => new Promise(() => undefined);
const modes = ['sequential', 'concurrent'] as const;

function hooksOf(...registrations: HookRegistration[]): RuntimeHooks {
  const hooks = new RuntimeHooks({ count: () => undefined, background: new BackgroundWork() });
  for (const registration of registrations) hooks.add(registration);
  return hooks;
}

test('a hook that answers at once has no timer and puts no listener on the signal of its operation', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const client = new AbortController();
  const hooks = hooksOf({ hook: 'event', run: () => expect([clock.pending, getEventListeners(client.signal, 'abort')]).toEqual([0, []]) });
  const fire = traces.runtime({ clock }).run('work', (scope) => hooks.set.fire(event, scope, payload), { signal: client.signal });
  await fire;
  expect([clock.pending, getEventListeners(client.signal, 'abort')]).toEqual([0, []]);
});

test('no timer and no listener is left when hooks have used their signals and answered', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const kept: AbortSignal[] = [];
  const keep = (context: HookContext): void => void kept.push(context.signal);
  const hooks = hooksOf(
    { hook: 'event', run: (_payload, context) => keep(context) },
    { hook: 'event', run: async (_payload, context) => keep(context) },
    { hook: 'event', mode: 'concurrent', run: async (_payload, context) => keep(context) },
  );
  const client = new AbortController();
  const runtime = traces.runtime({ clock });
  await runtime.run(
    'work',
    async (scope) => {
      await hooks.set.fire(event, scope, payload);
      expect([kept.length, clock.pending, getEventListeners(scope.signal, 'abort')]).toEqual([3, 0, []]);
      client.abort();
      expect(kept.map(({ aborted }) => aborted)).toEqual([false, false, false]);
    },
    { signal: client.signal },
  );
});

test('a signal that is asked for after the answer follows nothing', async () => {
  using traces = recordTraces();
  let kept: HookContext | undefined;
  const hooks = hooksOf({ hook: 'event', run: (_payload, context) => void (kept = context) });
  const client = new AbortController();
  await traces.runtime().run(
    'work',
    async (scope) => {
      await hooks.set.fire(event, scope, payload);
      expect([kept?.signal.aborted, getEventListeners(scope.signal, 'abort')]).toEqual([false, []]);
    },
    { signal: client.signal },
  );
});

test.each(modes)('a hook that takes too long is given up, and what it answers later is dropped: %s', async (mode) => {
  using traces = recordTraces();
  const clock = fakeClock();
  let reason: unknown;
  const late: HookRegistration = {
    hook: 'event',
    mode,
    run: async (_payload, { signal, scope }) => {
      signal.addEventListener('abort', () => {
        reason = signal.reason;
      });
      await scope.clock.sleep(6000);
      return block('too late');
    },
  };
  const work = traces.runtime({ clock }).run('work', (scope) => hooksOf(late).set.fire(event, scope, payload));
  await clock.advance(4999);
  expect(reason).toBeUndefined();
  await clock.advance(1);
  await expect(work).resolves.toEqual({ text: 'as it was' });
  expect(reason).toMatchObject({ code: 'TW_TIMEOUT', message: 'a hook on event gave no answer in 5000 ms', data: { timeoutMs: 5000 } });
  await clock.advance(1000);
});

test.each(modes)('a hook that rejects after it was given up disturbs nobody: %s', async (mode) => {
  using traces = recordTraces();
  const clock = fakeClock();
  const unhandled: unknown[] = [];
  const listener = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', listener);
  const late: HookRegistration = {
    hook: 'event',
    mode,
    timeoutMs: 100,
    run: async (_payload, { scope }) => {
      await scope.clock.sleep(200);
      throw new Error('late');
    },
  };
  const work = traces.runtime({ clock }).run('work', (scope) => hooksOf(late).set.fire(event, scope, payload));
  await clock.advance(300);
  await work;
  process.off('unhandledRejection', listener);
  expect(unhandled).toEqual([]);
});

test.each(modes)(
  'G6: an operation that is cancelled while a hook is waited for ends as cancelled, whatever the hook does: %s',
  async (mode) => {
    using traces = recordTraces();
    const client = new AbortController();
    const clock = fakeClock();
    const reasons: unknown[] = [];
    const deaf: HookRegistration = {
      hook: 'event',
      mode,
      onFailure: 'closed',
      run: (_payload, { signal }) => {
        signal.addEventListener('abort', () => reasons.push(signal.reason));
        return hang();
      },
    };
    const work = traces.runtime({ clock }).run('work', (scope) => hooksOf(deaf).set.fire(event, scope, payload), { signal: client.signal });
    client.abort('gone');
    await expect(work).rejects.toBe('gone');
    expect([reasons, clock.pending]).toEqual([['gone'], 0]);
    expect(traces.render({ caller: false, attributes: ['tracewright.hook.name'] })).toBe('work  outcome cancelled  cancelled by client');
  },
);

test('G6: a hook that throws the reason of the cancellation has not failed', async () => {
  using traces = recordTraces();
  const counted: string[] = [];
  const hooks = new RuntimeHooks({ count: (outcome) => counted.push(outcome), background: new BackgroundWork() });
  hooks.add({ hook: event, run: (_payload, { signal }) => signal.throwIfAborted(), onFailure: 'closed' });
  const client = new AbortController();
  const fire = traces.runtime().run(
    'work',
    (scope) => {
      client.abort('gone');
      return hooks.set.fire(event, scope, payload);
    },
    { signal: client.signal },
  );
  await expect(fire).rejects.toBe('gone');
  expect(counted).toEqual([]);
});

test('hooks that answer at once are heard in an operation that is cancelled already', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  const hooks = hooksOf({ hook: 'event', run: () => ({ text: 'changed' }) });
  const work = traces.runtime().run(
    'work',
    (scope) => {
      client.abort('gone');
      return hooks.set.fire(event, scope, payload);
    },
    { signal: client.signal },
  );
  await expect(work).resolves.toEqual({ text: 'changed' });
});

test('G4: what begins when it is awaited begins in the scope of the hook', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  // As a query builder.
  const lazy = {
    // oxlint-disable-next-line unicorn/no-thenable -- a query that begins when it is awaited is just this
    then: (resolve: (value: undefined) => void) => void runtime.run('query', () => undefined).then(resolve),
  } as unknown as Promise<undefined>; // It can be awaited, which is all that is asked of it.
  const hooks = hooksOf({ hook: 'event', run: () => lazy });
  await runtime.run('outer', (outer) => runtime.run('inner', () => hooks.set.fire(event, outer, payload)));
  expect(traces.render({ caller: false })).toMatchInlineSnapshot(`
    "outer
    ├─ inner
    └─ query"
  `);
});
