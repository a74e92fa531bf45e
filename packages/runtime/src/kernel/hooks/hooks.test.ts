import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRuntime } from 'tracewright';
import { expect, test } from 'vitest';
import { BackgroundWork } from '../background.ts';
import { hook, type HookRegistration } from './hook-registration.ts';
import type { HookSet } from './hook-set.ts';
import { hookType } from './hook-type.ts';
import { type HookHandle, RuntimeHooks } from './hooks.ts';

const event = hookType<{ readonly text: string }>()('event');
const makeHooks = (): RuntimeHooks => new RuntimeHooks({ count: () => undefined, background: new BackgroundWork() });
const { scope } = createRuntime();
const fireIn = (set: HookSet): unknown => set.fire(event, scope, () => ({ text: 'x' }));

// What a person may get wrong from JavaScript: each is given past the compiler.
const wrong = (value: unknown): never => value as never;

test('the same registration is one hook with one handle, an equal one is another', () => {
  const hooks = makeHooks();
  let calls = 0;
  const registration: HookRegistration = { hook: 'event', run: () => void (calls += 1) };
  const handle = hooks.add(registration);
  expect(hooks.add(registration)).toBe(handle);
  expect(hooks.add({ ...registration })).not.toBe(handle);
  fireIn(hooks.set);
  expect(calls).toBe(2);
});

test('a removed hook is heard no longer, by either name of the handle, and can be added again', () => {
  const hooks = makeHooks();
  let calls = 0;
  const registration = hook({ hook: event, run: () => void (calls += 1) });
  {
    using _handle = hooks.add(registration);
    fireIn(hooks.set);
  }
  fireIn(hooks.set);
  const again = hooks.add(registration);
  fireIn(hooks.set);
  again.remove();
  fireIn(hooks.set);
  expect(calls).toBe(2);
});

test('a handle that has removed its hook does not remove it again when it was added anew', () => {
  const hooks = makeHooks();
  const registration = hook({ hook: event, run: () => undefined });
  const first = hooks.add(registration);
  first.remove();
  const second = hooks.add(registration);
  first.remove();
  expect([first === second, fireIn(hooks.set)]).toEqual([false, { text: 'x' }]);
});

test('a hook is frozen, and what it was made from may change', () => {
  const hooks = makeHooks();
  let heard = '';
  const literal = { hook: 'event', run: () => void (heard += 'a') };
  const made = hook(literal);
  hooks.add(made);
  hooks.add(literal);
  literal.run = () => void (heard += 'b');
  fireIn(hooks.set);
  expect([Object.isFrozen(made), heard]).toEqual([true, 'aa']);
});

test('a type of hook is frozen, and has an index of its own', () => {
  const [one, other] = [hookType()('one'), hookType()('one')];
  expect([Object.isFrozen(one), Object.isFrozen(one.writable), one.name, one.index === other.index]).toEqual([true, true, 'one', false]);
});

const run = (): void => undefined;

test.each([
  ['a hook that is a function', () => hook(wrong(run)), 'hook must be a plain object, received [Function: run]'],
  ['no event', () => hook(wrong({ run })), 'hook.hook must be a non-empty string, received undefined'],
  ['an event without a name', () => hook(wrong({ hook: {}, run })), 'hook.hook must be a non-empty string, received undefined'],
  ['nothing to run', () => makeHooks().add(wrong({ hook: 'event' })), 'hook.run must be a function, received undefined'],
  [
    'an unknown mode',
    () => hook(wrong({ hook: 'event', run, mode: 'parallel' })),
    "hook.mode must be sequential, transform, audit, concurrent, background, received 'parallel'",
  ],
  [
    'a priority that is none',
    () => hook({ hook: 'event', run, priority: Number.NaN }),
    'hook.priority must be a finite number, received NaN',
  ],
  ['a time of nothing', () => hook({ hook: 'event', run, timeoutMs: 0 }), 'hook.timeoutMs must be a positive, finite number, received 0'],
  [
    'an unknown choice',
    () => hook(wrong({ hook: 'event', run, onFailure: 'shut' })),
    "hook.onFailure must be open or closed, received 'shut'",
  ],
  [
    'an audit that is closed',
    () => hook({ hook: 'event', run, mode: 'audit', onFailure: 'closed' }),
    "hook.onFailure must be open for a hook of mode audit, received 'closed'",
  ],
  [
    'background work that is closed',
    () => makeHooks().add({ hook: 'event', run, mode: 'background', onFailure: 'closed' }),
    "hook.onFailure must be open for a hook of mode background, received 'closed'",
  ],
  [
    'a misspelt option',
    () => hook(wrong({ hook: 'event', run, timeout: 5 })),
    'hook.timeout is not an option: there are hook, run, mode, priority, timeoutMs, onFailure',
  ],
  [
    'a set of one',
    () => makeHooks().set.with(wrong({ hook: 'event', run })),
    /^hooks must be an array of hooks, received \{ hook: 'event'/,
  ],
  [
    'a wrong hook in a set',
    () => makeHooks().set.with([{ hook: 'event', run }, wrong({ hook: 'event' })]),
    'hooks[1].run must be a function, received undefined',
  ],
  ['a type without a name', () => hookType()(''), "hook type name must be a non-empty string, received ''"],
  [
    'fields that are no names',
    () => hookType()('x', wrong({ writable: [1] })),
    'writable must be an array of names of fields, received [ 1 ]',
  ],
  [
    'a misspelt option of a type',
    () => hookType()('x', wrong({ write: [] })),
    'hook type options.write is not an option: there are writable',
  ],
])('%s is refused at once', (_, act, message) => {
  expect(act).toThrow(
    expect.objectContaining({ code: 'TW_BAD_OPTION', message: message instanceof RegExp ? expect.stringMatching(message) : message }),
  );
});

test('a hook that was removed is kept by no set, no handle and no runtime', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void; // What the flag puts there.
  const hooks = makeHooks();
  const sets = [hooks.set, hooks.set.with([{ hook: 'event', run }]), hooks.set.with([{ hook: 'another event', run }])];
  const add = (): { handle: HookHandle; kept: WeakRef<object> } => {
    const registration = hook({ hook: 'event', run: () => undefined });
    const handle = hooks.add(registration);
    for (const set of sets) fireIn(set);
    return { handle, kept: new WeakRef(registration) };
  };
  const { handle, kept } = add();
  handle.remove();
  // What a WeakRef has shown stays until the turn is over.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  expect(kept.deref()).toBeUndefined();
  handle.remove();
  expect(sets.map(fireIn)).toEqual([undefined, { text: 'x' }, undefined]);
});
