import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { BackgroundWork } from '../background.ts';
import { type Block, block } from './hook-block.ts';
import type { HookContext, HookRegistration } from './hook-registration.ts';
import { hookType } from './hook-type.ts';
import { RuntimeHooks } from './hooks.ts';

const event = hookType<{ readonly text: string }>()('event', { writable: ['text'] });
const payload = (): { text: string } => ({ text: 'as it was' });
const inBackground = (run: HookRegistration['run']): HookRegistration => ({ hook: 'event', mode: 'background', run });

function makeHooks(): { hooks: RuntimeHooks; background: BackgroundWork; counted: string[] } {
  const background = new BackgroundWork();
  const counted: string[] = [];
  return { hooks: new RuntimeHooks({ count: (outcome) => counted.push(outcome), background }), background, counted };
}

test('a hook in the background starts after the rest, with what they made of the payload, and holds nobody up', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const { hooks, background } = makeHooks();
  const order: unknown[] = [];
  hooks.add(
    inBackground(async (given, { scope }) => {
      order.push(given);
      await scope.clock.sleep(100);
      order.push('done');
    }),
  );
  hooks.add({ hook: event, run: () => ({ text: 'changed' }) });
  await traces.runtime({ clock }).run('work', async (scope) => {
    const fired = hooks.set.fire(event, scope, payload);
    order.push(fired instanceof Promise ? 'later' : 'at once');
    await fired;
  });
  expect([order, background.pending]).toEqual([['at once', { text: 'changed' }], ['event hook']]);
  await clock.advance(100);
  expect([order.at(-1), background.pending, clock.pending]).toEqual(['done', [], 0]);
});

test('G3: what a hook in the background starts is a root of its own, linked to the operation', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const { hooks } = makeHooks();
  let told: HookContext | undefined;
  hooks.add(
    inBackground(async (_payload, context) => {
      told = context;
      await context.scope.clock.sleep(100);
      await runtime.run('write the audit log', () => undefined);
    }),
  );
  await runtime.run('work', (scope) => hooks.set.fire(event, scope, payload));
  await clock.advance(100);
  expect(traces.render({ caller: false })).toMatchInlineSnapshot(`
    "work

    write the audit log
       → link to work (cause)"
  `);
  expect([told?.hook, told?.blocked, told?.error, told?.scope.ended]).toEqual(['event', undefined, undefined, false]);
});

test.each<[string, HookRegistration, { blocked: Partial<Block> | undefined; error: object }]>([
  [
    'blocks at once',
    { hook: 'event', run: () => block('no', { code: 'denied' }) },
    { blocked: { reason: 'no', code: 'denied' }, error: { code: 'TW_BLOCKED' } },
  ],
  [
    'blocks later',
    { hook: 'event', mode: 'concurrent', run: async () => block('no') },
    { blocked: { reason: 'no' }, error: { code: 'TW_BLOCKED' } },
  ],
  [
    'fails closed',
    { hook: 'event', onFailure: 'closed', run: () => Promise.reject(new Error('broken')) },
    { blocked: undefined, error: { code: 'TW_HOOK_FAILED' } },
  ],
])('hooks in the background see that another one %s', async (_, stops, expected) => {
  using traces = recordTraces();
  const { hooks } = makeHooks();
  const seen: unknown[] = [];
  hooks.add(inBackground((_payload, { blocked, error }) => void seen.push({ blocked, error })));
  hooks.add(stops);
  const error: unknown = await traces
    .runtime()
    .run('work', (scope) => hooks.set.fire(event, scope, payload))
    .catch((thrown: unknown) => thrown);
  expect(seen).toMatchObject([{ ...expected, error }]);
  expect(error).toMatchObject(expected.error);
});

test('a hook in the background outlives the cancellation of its operation, not its own time', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const client = new AbortController();
  const { hooks, background, counted } = makeHooks();
  const reasons: unknown[] = [];
  hooks.add(
    inBackground((_payload, { signal }) => {
      signal.addEventListener('abort', () => reasons.push((signal.reason as { code: string }).code));
      return new Promise(() => undefined);
    }),
  );
  const work = traces.runtime({ clock }).run('work', (scope) => hooks.set.fire(event, scope, payload), { signal: client.signal });
  client.abort();
  await work;
  await clock.advance(4999);
  expect([reasons, background.pending]).toEqual([[], ['event hook']]);
  await clock.advance(1);
  expect([reasons, background.pending, counted]).toEqual([['TW_TIMEOUT'], [], ['timeout']]);
});

test('a hook in the background is cut short, without being counted as failed, when its runtime closes', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const { hooks, background, counted } = makeHooks();
  hooks.add(inBackground(() => new Promise(() => undefined)));
  await runtime.run('work', (scope) => hooks.set.fire(event, scope, payload));
  await runtime.close();
  await background.settled(clock, 1000);
  expect([background.pending, counted, clock.pending]).toEqual([[], [], 0]);
});

test('hooks in the background fail open', async () => {
  using traces = recordTraces();
  const { hooks, background, counted } = makeHooks();
  hooks.add(
    inBackground(() => {
      throw new Error('broken');
    }),
  );
  hooks.add(inBackground(() => Promise.reject(new Error('broken'))));
  const clock = fakeClock();
  await traces.runtime({ clock }).run('work', (scope) => hooks.set.fire(event, scope, payload));
  await background.settled(clock, 1000);
  expect(counted).toEqual(['error', 'error']);
});

test('an event outside any operation has its background too', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const { hooks, background } = makeHooks();
  hooks.add(inBackground(() => runtime.run('tidy up', () => undefined)));
  void hooks.set.fire(event, runtime.scope, payload);
  await background.settled(clock, 1000);
  expect(traces.render({ caller: false })).toBe('tidy up');
});
