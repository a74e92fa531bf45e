import { createRuntime, type Scope } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { BackgroundWork } from '../background.ts';
import { block } from './hook-block.ts';
import type { HookMode } from './hook-mode.ts';
import { hook, type HookRegistration } from './hook-registration.ts';
import type { HookSet } from './hook-set.ts';
import { hookType } from './hook-type.ts';
import { RuntimeHooks } from './hooks.ts';

interface CallPayload {
  readonly model: string;
  readonly options: readonly string[] | undefined;
}

const beforeCall = hookType<CallPayload>()('before_call', { writable: ['options'] });
const payload = (): CallPayload => ({ model: 'small', options: [] });

const makeHooks = (): RuntimeHooks => new RuntimeHooks({ count: () => undefined, background: new BackgroundWork() });
/** Some scope, where it is not the scope that a test is about. */
const { scope } = createRuntime();

/** A hook that writes `name` behind what those before it wrote. */
const appends = (name: string, options: { mode?: HookMode; priority?: number } = {}): HookRegistration =>
  hook({ hook: beforeCall, run: ({ options: before = [] }) => ({ options: [...before, name] }), ...options });

/** What the hooks of a set make of the options; nothing where none listens. */
const optionsIn = async (set: HookSet): Promise<unknown> => (await set.fire(beforeCall, scope, payload))?.options;

test('nothing is built and nothing is given where nobody listens', () => {
  const hooks = makeHooks();
  hooks.add({ hook: 'another event', run: () => undefined });
  const fire = (): unknown =>
    hooks.set.fire(beforeCall, scope, () => {
      throw new Error('built');
    });
  expect([fire(), fire()]).toEqual([undefined, undefined]);
});

test('hooks that answer at once are answered at once', () => {
  const hooks = makeHooks();
  hooks.add(appends('first'));
  hooks.add({ hook: beforeCall, mode: 'concurrent', run: () => undefined });
  expect(hooks.set.fire(beforeCall, scope, payload)).toEqual({ model: 'small', options: ['first'] });
});

test('hooks run by mode, then by priority, then in order of registration, outer sets before inner', async () => {
  const hooks = makeHooks();
  const order: string[] = [];
  const notes = (name: string, mode: HookMode, priority?: number): HookRegistration => ({
    hook: 'before_call',
    mode,
    priority,
    run: () => void order.push(name),
  });
  hooks.add(notes('concurrent', 'concurrent', 1));
  hooks.add(notes('audit', 'audit', 2));
  hooks.add(notes('runtime', 'sequential'));
  hooks.add(notes('late', 'sequential', 51));
  hooks.add(notes('transform', 'transform', 3));
  const session = hooks.set.with([
    notes('session', 'sequential'),
    notes('session first', 'sequential', -1),
    notes('session audit', 'audit', 2),
  ]);
  const inner = session.with([notes('inner', 'sequential'), notes('inner audit', 'audit', 1)]);
  hooks.add(notes('runtime again', 'sequential'));
  await inner.fire(beforeCall, scope, payload);
  expect(order).toEqual([
    'session first',
    'runtime',
    'runtime again',
    'session',
    'inner',
    'late',
    'transform',
    'inner audit',
    'audit',
    'session audit',
    'concurrent',
  ]);
});

test('sequential hooks and transforms see the changes before them, those that follow the changes of all', async () => {
  const hooks = makeHooks();
  const seen: unknown[] = [];
  const looks = (mode: HookMode): HookRegistration => hook({ hook: beforeCall, mode, run: ({ options }) => void seen.push(options) });
  hooks.add(appends('transformed', { mode: 'transform' }));
  hooks.add(hook({ hook: beforeCall, run: async ({ options = [] }) => ({ options: [...options, 'later'] }) }));
  hooks.add(appends('at once'));
  hooks.add(looks('audit'));
  hooks.add(looks('concurrent'));
  const decided = await hooks.set.fire(beforeCall, scope, payload);
  const all = ['later', 'at once', 'transformed'];
  expect([decided?.options, seen]).toEqual([all, [all, all]]);
});

test('an explicit undefined clears a field; what is not changed stays the same payload', () => {
  const hooks = makeHooks();
  hooks.add({ hook: beforeCall, mode: 'audit', run: () => undefined });
  const built = payload();
  expect(hooks.set.fire(beforeCall, scope, () => built)).toBe(built);
  hooks.add({ hook: beforeCall, run: () => ({ options: undefined }) });
  expect(hooks.set.fire(beforeCall, scope, payload)).toStrictEqual({ model: 'small', options: undefined });
});

test('a payload is frozen before and after a change, what it holds is not', () => {
  const hooks = makeHooks();
  const frozen: boolean[] = [];
  const looks = hook({ hook: beforeCall, mode: 'audit', run: (given) => void frozen.push(Object.isFrozen(given)) });
  hooks.add(looks);
  const options: string[] = [];
  const first = hooks.set.fire(beforeCall, scope, () => ({ model: 'small', options }));
  hooks.add(appends('changed'));
  const second = hooks.set.fire(beforeCall, scope, payload);
  expect([frozen, Object.isFrozen(first), Object.isFrozen(second), Object.isFrozen(options)]).toEqual([[true, true], true, true, false]);
});

test('a set is heard in itself and below, not beside it', async () => {
  const hooks = makeHooks();
  const [one, other] = [hooks.set.with([appends('one')]), hooks.set.with([appends('other')])];
  const heard = await Promise.all([hooks.set, one, other, one.with([appends('inner')])].map(optionsIn));
  expect(heard).toEqual([undefined, ['one'], ['other'], ['one', 'inner']]);
});

test('what is added to the runtime, or removed from it, shows in all sets at the next event', async () => {
  const hooks = makeHooks();
  const session = hooks.set.with([appends('session')]);
  const silent = hooks.set.with([{ hook: 'another event', run: () => undefined }]);
  const heard = (): Promise<unknown[]> => Promise.all([hooks.set, session, silent].map(optionsIn));
  const before = await heard();
  const handle = hooks.add(appends('runtime'));
  const added = await heard();
  handle.remove();
  expect([before, added, await heard()]).toEqual([
    [undefined, ['session'], undefined],
    [['runtime'], ['runtime', 'session'], ['runtime']],
    [undefined, ['session'], undefined],
  ]);
});

test('a hook that is added after its event was fired to nobody is heard, whatever else was fired to nobody meanwhile', async () => {
  const hooks = makeHooks();
  const afterCall = hookType()('after_call');
  for (const set of [hooks.set, hooks.set.with([{ hook: 'another event', run: () => undefined }])]) {
    const before = await optionsIn(set);
    const handle = hooks.add(appends('runtime'));
    const other = await set.fire(afterCall, scope, () => ({}));
    expect([before, other, await optionsIn(set)]).toEqual([undefined, undefined, ['runtime']]);
    handle.remove();
  }
});

test('a registration that is named twice is one hook, in one set or in sets around one another, two with the same function are two', async () => {
  const { set } = makeHooks();
  const once = appends('once');
  expect(await optionsIn(set.with([once, once]))).toEqual(['once']);
  const { run } = once;
  expect(await optionsIn(set.with([{ hook: beforeCall, run }, { hook: beforeCall, run }, once]))).toEqual(['once', 'once', 'once']);
  expect(await optionsIn(set.with([once]).with([once]))).toEqual(['once']);
});

test('an event is heard by its name, whichever copy of a type fires it', () => {
  const hooks = makeHooks();
  hooks.add(appends('by type'));
  const again = hookType<CallPayload>()('before_call', { writable: ['options'] });
  // As in another copy of the package, which counts its types on its own.
  const foreign = { ...hookType<CallPayload>()('after_call', { writable: ['options'] }), index: beforeCall.index };
  const sets = [hooks.set, hooks.set.with([appends('inner')])];
  const heard = [beforeCall, foreign, again, foreign, beforeCall].map((type) => sets.map((set) => set.fire(type, scope, payload)));
  const [outer, inner] = [
    { model: 'small', options: ['by type'] },
    { model: 'small', options: ['by type', 'inner'] },
  ];
  expect(heard).toEqual([
    [outer, inner],
    [undefined, undefined],
    [outer, inner],
    [undefined, undefined],
    [outer, inner],
  ]);
});

test('hooks run in the scope that fires, wherever it is fired from', async () => {
  using traces = recordTraces();
  const hooks = makeHooks();
  const works = (mode: HookMode, name: string): HookRegistration => ({
    hook: beforeCall,
    mode,
    run: () => runtime.run(name, () => undefined),
  });
  const runtime = traces.runtime();
  hooks.add(works('sequential', 'first hook'));
  hooks.add(works('sequential', 'second hook'));
  hooks.add(works('concurrent', 'concurrent hook'));
  let inside: Scope | undefined;
  let finish = (): void => undefined;
  const call = runtime.run('call', (current) => {
    inside = current;
    return new Promise<void>((resolve) => {
      finish = resolve;
    });
  });
  await runtime.run('elsewhere', () => inside && hooks.set.fire(beforeCall, inside, payload));
  finish();
  await call;
  await runtime.run('current', (current) => hooks.set.fire(beforeCall, current, payload));
  expect(traces.render({ caller: false })).toMatchInlineSnapshot(`
    "call
    ├─ first hook
    ├─ second hook
    └─ concurrent hook

    elsewhere

    current
    ├─ first hook
    ├─ second hook
    └─ concurrent hook"
  `);
});

test('a hook is told the event and the scope, and has no this', async () => {
  using traces = recordTraces();
  const hooks = makeHooks();
  const told: unknown[] = [];
  hooks.add({
    hook: beforeCall,
    run(this: unknown, _payload, context) {
      told.push([this, context.hook, context.scope, context.blocked, context.error]);
    },
  });
  await traces.runtime().run('call', async (current) => {
    await hooks.set.fire(beforeCall, current, payload);
    await hooks.set.fire(beforeCall, scope, payload);
    expect(told).toEqual([current, scope].map((expected) => [undefined, 'before_call', expected, undefined, undefined]));
  });
});

test('a hook may fire its own event, and has to know when to stop', async () => {
  const hooks = makeHooks();
  let calls = 0;
  hooks.add({
    hook: beforeCall,
    run: async (_payload, context) => {
      calls += 1;
      if (calls < 10) await hooks.set.fire(beforeCall, context.scope, payload);
    },
  });
  await hooks.set.fire(beforeCall, scope, payload);
  expect(calls).toBe(10);
});

test('a payload that cannot be built is the failure of its driver', () => {
  const hooks = makeHooks();
  hooks.add({ hook: beforeCall, run: () => block('never asked') });
  expect(() =>
    hooks.set.fire(beforeCall, scope, () => {
      throw new Error('not built');
    }),
  ).toThrow('not built');
});
