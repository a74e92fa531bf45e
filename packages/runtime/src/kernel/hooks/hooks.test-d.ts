import { expectTypeOf, test } from 'vitest';
import type { Scope } from 'tracewright';
import { block } from './hook-block.ts';
import { hook, type HookContext, type HookRegistration, type UntypedPayload } from './hook-registration.ts';
import type { Fired, HookSet } from './hook-set.ts';
import { type HookType, hookType } from './hook-type.ts';
import type { Hooks } from './hooks.ts';

interface CallPayload {
  readonly model: string;
  readonly modelOptions: Readonly<Record<string, unknown>> | undefined;
  readonly messages: string[];
}

const beforeCall = hookType<CallPayload>()('generation_pre_call', { writable: ['modelOptions'] });
const afterCall = hookType<CallPayload>()('generation_post_call');
declare const hooks: Hooks;
declare const set: HookSet;
declare const scope: Scope;

test('a type of hook knows its payload and what of it is writable', () => {
  expectTypeOf(beforeCall).toEqualTypeOf<HookType<CallPayload, 'modelOptions'>>();
  expectTypeOf(afterCall).toEqualTypeOf<HookType<CallPayload>>();
  // @ts-expect-error the payload has no such field
  hookType<CallPayload>()('x', { writable: ['temperature'] });
});

test('the payload of a hook is that of its type, and is only read', () => {
  const run = hook({
    hook: beforeCall,
    run(payload, context) {
      expectTypeOf(payload).toEqualTypeOf<Readonly<CallPayload>>();
      expectTypeOf(context).toEqualTypeOf<HookContext>();
      // @ts-expect-error the payload is frozen
      payload.model = 'other';
    },
  });
  expectTypeOf(run).toEqualTypeOf<HookRegistration>();
  hooks.add({ hook: afterCall, run: ({ model }) => void model.length });
});

test('a hook that names its event by text gets fields of unknown types', () => {
  hook({
    hook: 'generation_pre_call',
    run(payload) {
      expectTypeOf(payload).toEqualTypeOf<Readonly<UntypedPayload>>();
      expectTypeOf(payload['model']).toEqualTypeOf<unknown>();
      return { modelOptions: {} };
    },
  });
  const literal: HookRegistration = { hook: 'generation_pre_call', run: ({ model }) => (model === 'old' ? block('old') : undefined) };
  hooks.add(literal);
  hooks.add({ hook: 'generation_pre_call', run: async () => ({ modelOptions: {} }) });
});

test('a hook changes writable fields, or blocks', () => {
  hook({ hook: beforeCall, run: () => ({ modelOptions: { temperature: 0 } }) });
  hook({ hook: beforeCall, run: async () => ({ modelOptions: undefined }) });
  hook({ hook: beforeCall, run: ({ model }) => (model === 'old' ? block('no longer served') : { modelOptions: {} }) });
  hook({ hook: beforeCall, run: async ({ model }) => (model === 'old' ? block('no longer served') : undefined) });
  hooks.add({ hook: afterCall, run: () => block('too long') });
});

test('a change of any other field is refused', () => {
  // @ts-expect-error not writable
  hook({ hook: beforeCall, run: () => ({ model: 'other' }) });
  // @ts-expect-error not writable, beside one that is
  hook({ hook: beforeCall, run: () => ({ modelOptions: {}, model: 'other' }) });
  // @ts-expect-error not writable, later
  hook({ hook: beforeCall, run: async () => ({ modelOptions: {}, model: 'other' }) });
  // @ts-expect-error a value of another type
  hook({ hook: beforeCall, run: () => ({ modelOptions: 'none' }) });
  // @ts-expect-error nothing of it is writable
  hooks.add({ hook: afterCall, run: () => ({ modelOptions: {} }) });
  // @ts-expect-error neither changes nor a block
  hooks.add({ hook: afterCall, run: () => true });
});

test('hooks of different payloads stand in one list', () => {
  const list: HookRegistration[] = [
    hook({ hook: beforeCall, run: ({ model }) => void model }),
    { hook: afterCall, run: (payload) => void payload['model'] },
    { hook: 'session_cleanup', mode: 'background', run: (payload) => void payload['sessionId'] },
  ];
  expectTypeOf(set.with(list)).toEqualTypeOf<HookSet>();
});

test('firing gives the payload, at once or later, or nothing', () => {
  const fired = set.fire(beforeCall, scope, () => ({ model: 'small', modelOptions: undefined, messages: [] }));
  expectTypeOf(fired).toEqualTypeOf<Fired<CallPayload>>();
  expectTypeOf<Awaited<typeof fired>>().toEqualTypeOf<Readonly<CallPayload> | undefined>();
  // @ts-expect-error a field is missing
  void set.fire(beforeCall, scope, () => ({ model: 'small' }));
});
