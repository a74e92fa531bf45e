import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { BackgroundWork } from '../background.ts';
import { block } from './hook-block.ts';
import type { HookRegistration } from './hook-registration.ts';
import { hookType } from './hook-type.ts';
import { RuntimeHooks } from './hooks.ts';

const beforeTool = hookType<{ readonly tool: string }>()('before_tool', { writable: ['tool'] });
const payload = (): { tool: string } => ({ tool: 'shell' });
const hang = (): Promise<never> => new Promise(() => undefined);

function makeHooks(): { hooks: RuntimeHooks; counted: string[] } {
  const counted: string[] = [];
  return { hooks: new RuntimeHooks({ count: (outcome) => counted.push(outcome), background: new BackgroundWork() }), counted };
}

test('concurrent hooks run at the same time, and the operation goes on when all have answered', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const { hooks } = makeHooks();
  const order: string[] = [];
  for (const ms of [30, 10, 20])
    hooks.add({
      hook: beforeTool,
      mode: 'concurrent',
      run: async (_payload, { scope }) => {
        await scope.clock.sleep(ms);
        order.push(`${ms}`);
      },
    });
  const work = traces.runtime({ clock }).run('tool', async (scope) => {
    await hooks.set.fire(beforeTool, scope, payload);
    return scope.clock.monotonic();
  });
  await clock.advance(60);
  expect([await work, order, clock.pending]).toEqual([30, ['10', '20', '30'], 0]);
});

test.each<[string, readonly HookRegistration['run'][]]>([
  ['at once', [() => block('first', { details: { tool: 'shell' } }), () => block('second')]],
  [
    'later, in the same turn',
    [async () => Promise.resolve(block('slower')), async () => block('first', { details: { tool: 'shell' } }), async () => block('second')],
  ],
])('the first of several blocks counts: %s', async (_, runs) => {
  using traces = recordTraces();
  const { hooks } = makeHooks();
  for (const run of runs) hooks.add({ hook: 'before_tool', mode: 'concurrent', run });
  const work = traces.runtime().run('tool', (scope) => hooks.set.fire(beforeTool, scope, payload));
  await expect(work).rejects.toMatchObject({
    code: 'TW_BLOCKED',
    data: { hook: 'before_tool', reason: 'first', code: 'blocked', details: { tool: 'shell' } },
  });
});

test('a block does not abort the signal of a sibling that has answered', async () => {
  using traces = recordTraces();
  const { hooks } = makeHooks();
  const kept: AbortSignal[] = [];
  hooks.add({ hook: beforeTool, mode: 'concurrent', run: async (_payload, { signal }) => void kept.push(signal) });
  hooks.add({
    hook: beforeTool,
    mode: 'concurrent',
    run: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return block('not on the list');
    },
  });
  const work = traces.runtime().run('tool', (scope) => hooks.set.fire(beforeTool, scope, payload));
  await expect(work).rejects.toMatchObject({ code: 'TW_BLOCKED' });
  expect(kept.map(({ aborted }) => aborted)).toEqual([false]);
});

test('a hook that blocks at once is a block for siblings that have begun before it, and for those that begin after it', async () => {
  using traces = recordTraces();
  const { hooks } = makeHooks();
  const aborted: unknown[] = [];
  const waits = async (_payload: unknown, { signal }: { signal: AbortSignal }): Promise<void> => {
    signal.addEventListener('abort', () => aborted.push(signal.reason));
    await hang();
  };
  hooks.add({ hook: beforeTool, mode: 'concurrent', run: waits });
  hooks.add({ hook: beforeTool, mode: 'concurrent', run: () => block('not on the list') });
  hooks.add({ hook: beforeTool, mode: 'concurrent', run: (given, context) => waits(given, context) });
  const error: unknown = await traces
    .runtime()
    .run('tool', (scope) => hooks.set.fire(beforeTool, scope, payload))
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ message: 'before_tool blocked tool: not on the list' });
  expect(aborted).toEqual([error, error]);
});

test('G1: a sibling of a block has one turn to end its own span', async () => {
  using traces = recordTraces();
  const { hooks } = makeHooks();
  const runtime = traces.runtime();
  hooks.add({
    hook: beforeTool,
    mode: 'concurrent',
    run: (_payload, { signal }) =>
      runtime.run('ask the policy', async (scope) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        // A clean-up takes its steps.
        for (let step = 0; step < 20; step += 1) await Promise.resolve();
        await scope.run('hang up', () => undefined);
      }),
  });
  hooks.add({ hook: beforeTool, mode: 'concurrent', run: async () => block('not on the list') });
  const work = runtime.run('tool', (scope) => hooks.set.fire(beforeTool, scope, payload));
  await expect(work).rejects.toMatchObject({ code: 'TW_BLOCKED' });
  expect(traces.render({ caller: false })).toMatchInlineSnapshot(`
    "tool  ERROR TW_BLOCKED  outcome error
    │  ✗ TW_BLOCKED: before_tool blocked tool: not on the list
    └─ ask the policy
       └─ hang up"
  `);
});

test('a sibling that does not react holds a block up for one turn of the event loop and no longer', async () => {
  using traces = recordTraces();
  const { hooks } = makeHooks();
  hooks.add({ hook: beforeTool, mode: 'concurrent', run: hang });
  hooks.add({ hook: beforeTool, mode: 'concurrent', run: async () => block('not on the list') });
  let settled = false;
  const work = traces
    .runtime({ clock: fakeClock() })
    .run('tool', (scope) => hooks.set.fire(beforeTool, scope, payload))
    .catch(() => {
      settled = true;
    });
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(settled).toBe(true);
  await work;
});

test('a closed hook that fails stops its siblings as a block does', async () => {
  using traces = recordTraces();
  const { hooks, counted } = makeHooks();
  const failing = async (): Promise<never> => {
    throw new RangeError('broken');
  };
  const reasons: unknown[] = [];
  hooks.add({
    hook: beforeTool,
    mode: 'concurrent',
    run: (_payload, { signal }) => new Promise(() => signal.addEventListener('abort', () => reasons.push(signal.reason))),
  });
  hooks.add({ hook: beforeTool, mode: 'concurrent', run: failing });
  hooks.add({ hook: beforeTool, mode: 'concurrent', run: failing, onFailure: 'closed' });
  const error: unknown = await traces
    .runtime()
    .run('tool', (scope) => hooks.set.fire(beforeTool, scope, payload))
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'TW_HOOK_FAILED', cause: { message: 'broken' } });
  expect([reasons, counted]).toEqual([[error], ['error', 'error']]);
});

test('what concurrent hooks would change is dropped', async () => {
  using traces = recordTraces();
  const { hooks, counted } = makeHooks();
  hooks.add({ hook: beforeTool, mode: 'concurrent', run: () => ({ tool: 'at once' }) });
  hooks.add({ hook: beforeTool, mode: 'concurrent', run: async () => ({ tool: 'later' }) });
  const work = traces.runtime().run('tool', (scope) => hooks.set.fire(beforeTool, scope, payload));
  await expect(work).resolves.toEqual({ tool: 'shell' });
  expect(counted).toEqual(['ignored', 'ignored']);
});
