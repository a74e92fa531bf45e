import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { BackgroundWork } from '../background.ts';
import { block } from './hook-block.ts';
import { hook, type HookContext, type HookRegistration } from './hook-registration.ts';
import { hookType } from './hook-type.ts';
import { RuntimeHooks } from './hooks.ts';

const beforeChat = hookType<{ readonly model: string }>()('before_chat', { writable: ['model'] });

/** The hooks of a runtime, to which a case adds one that misbehaves. */
interface Stage {
  readonly hooks: RuntimeHooks;
  readonly settings: Pick<HookRegistration, 'mode' | 'onFailure'>;
  /** Takes note of what a hook did. */
  note(what: string): void;
}

/** What becomes of two operations that ask such hooks, in each mode and with each choice for failures: result, what hooks did, and the first one's trace. */
async function outcomesOf(prepare: (stage: Stage) => void): Promise<string> {
  const texts: string[] = [];
  for (const mode of ['sequential', 'concurrent'] as const)
    for (const onFailure of ['open', 'closed'] as const)
      texts.push(`${mode}, ${onFailure}: ${await outcomeOf(prepare, { mode, onFailure })}`);
  return texts.join('\n');
}

async function outcomeOf(prepare: (stage: Stage) => void, settings: Stage['settings']): Promise<string> {
  using traces = recordTraces();
  const clock = fakeClock();
  const noted: string[] = [];
  const note = (what: string): void => void noted.push(what);
  const hooks = new RuntimeHooks({ count: (outcome) => note(`counted ${outcome}`), background: new BackgroundWork() });
  prepare({ hooks, settings, note });
  const runtime = traces.runtime({ clock });
  const chat = async (): Promise<string> => {
    const work = runtime.run('chat', async (scope) => {
      const decided = await hooks.set.fire(beforeChat, scope, () => ({ model: 'small' }));
      return decided === undefined ? 'nobody heard' : `goes on with ${decided.model}`;
    });
    const settled = work.catch((error: { code: string }) => error.code);
    await clock.advance(100);
    return [await settled, ...noted.splice(0)].join(', ');
  };
  const results = [await chat(), await chat()];
  expect([traces.spans.map(({ ends }) => ends), clock.pending]).toEqual([[1, 1], 0]);
  const [trace = ''] = traces.render({ caller: false, attributes: ['tracewright.hook.name', 'tracewright.block.code'] }).split('\n\n');
  return `${results.join('; then ')}\n   ${trace.replaceAll('\n', '\n   ')}`;
}

/** Never answers; notes why it is no longer waited for. */
function hangs(note: Stage['note'], { signal }: HookContext): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => {
      note(`aborted by ${(signal.reason as { code: string }).code}`);
      reject(signal.reason);
    }),
  );
}

test('G1: an operation has one result and one ended span when its hook throws', async () => {
  const outcomes = await outcomesOf(({ hooks, settings }) => {
    hooks.add({
      hook: beforeChat,
      run: () => {
        throw new RangeError('broken');
      },
      ...settings,
    });
  });
  expect(outcomes).toMatchInlineSnapshot(`
    "sequential, open: goes on with small, counted error; then goes on with small, counted error
       chat
    sequential, closed: TW_HOOK_FAILED, counted error; then TW_HOOK_FAILED, counted error
       chat  ERROR TW_HOOK_FAILED  outcome error
          tracewright.hook.name = "before_chat"
          ✗ TW_HOOK_FAILED: a hook on before_chat failed, so that chat could not go on
    concurrent, open: goes on with small, counted error; then goes on with small, counted error
       chat
    concurrent, closed: TW_HOOK_FAILED, counted error; then TW_HOOK_FAILED, counted error
       chat  ERROR TW_HOOK_FAILED  outcome error
          tracewright.hook.name = "before_chat"
          ✗ TW_HOOK_FAILED: a hook on before_chat failed, so that chat could not go on"
  `);
});

test('G1: an operation has one result and one ended span when its hook hangs', async () => {
  const outcomes = await outcomesOf(({ hooks, settings, note }) => {
    hooks.add({ hook: beforeChat, timeoutMs: 100, run: (_payload, context) => hangs(note, context), ...settings });
  });
  expect(outcomes).toMatchInlineSnapshot(`
    "sequential, open: goes on with small, aborted by TW_TIMEOUT, counted timeout; then goes on with small, aborted by TW_TIMEOUT, counted timeout
       chat
    sequential, closed: TW_HOOK_FAILED, aborted by TW_TIMEOUT, counted timeout; then TW_HOOK_FAILED, aborted by TW_TIMEOUT, counted timeout
       chat  ERROR TW_HOOK_FAILED  outcome error
          tracewright.hook.name = "before_chat"
          ✗ TW_HOOK_FAILED: a hook on before_chat gave no answer in 100 ms, so that chat could not go on
    concurrent, open: goes on with small, aborted by TW_TIMEOUT, counted timeout; then goes on with small, aborted by TW_TIMEOUT, counted timeout
       chat
    concurrent, closed: TW_HOOK_FAILED, aborted by TW_TIMEOUT, counted timeout; then TW_HOOK_FAILED, aborted by TW_TIMEOUT, counted timeout
       chat  ERROR TW_HOOK_FAILED  outcome error
          tracewright.hook.name = "before_chat"
          ✗ TW_HOOK_FAILED: a hook on before_chat gave no answer in 100 ms, so that chat could not go on"
  `);
});

test('G1: an operation has one result and one ended span when its hook blocks', async () => {
  const outcomes = await outcomesOf(({ hooks, settings, note }) => {
    hooks.add({ hook: beforeChat, run: () => block('not now', { code: 'closed_today' }), ...settings });
    hooks.add({ hook: beforeChat, run: () => note('the next one called'), ...settings });
  });
  expect(outcomes).toMatchInlineSnapshot(`
    "sequential, open: TW_BLOCKED; then TW_BLOCKED
       chat  ERROR TW_BLOCKED  outcome error
          tracewright.block.code = "closed_today"
          tracewright.hook.name = "before_chat"
          ✗ TW_BLOCKED: before_chat blocked chat: not now
    sequential, closed: TW_BLOCKED; then TW_BLOCKED
       chat  ERROR TW_BLOCKED  outcome error
          tracewright.block.code = "closed_today"
          tracewright.hook.name = "before_chat"
          ✗ TW_BLOCKED: before_chat blocked chat: not now
    concurrent, open: TW_BLOCKED, the next one called; then TW_BLOCKED, the next one called
       chat  ERROR TW_BLOCKED  outcome error
          tracewright.block.code = "closed_today"
          tracewright.hook.name = "before_chat"
          ✗ TW_BLOCKED: before_chat blocked chat: not now
    concurrent, closed: TW_BLOCKED, the next one called; then TW_BLOCKED, the next one called
       chat  ERROR TW_BLOCKED  outcome error
          tracewright.block.code = "closed_today"
          tracewright.hook.name = "before_chat"
          ✗ TW_BLOCKED: before_chat blocked chat: not now"
  `);
});

test('G1: an operation has one result and one ended span when its hook blocks while its sibling is running', async () => {
  const outcomes = await outcomesOf(({ hooks, settings, note }) => {
    const sibling = hook({ hook: beforeChat, run: (_payload, context) => hangs(note, context), ...settings });
    // The one before would keep a sequential hook waiting.
    if (settings.mode === 'concurrent') hooks.add(sibling);
    hooks.add({ hook: beforeChat, run: async () => block('not now', { code: 'closed_today' }), ...settings });
    hooks.add({ ...sibling });
  });
  expect(outcomes).toMatchInlineSnapshot(`
    "sequential, open: TW_BLOCKED; then TW_BLOCKED
       chat  ERROR TW_BLOCKED  outcome error
          tracewright.block.code = "closed_today"
          tracewright.hook.name = "before_chat"
          ✗ TW_BLOCKED: before_chat blocked chat: not now
    sequential, closed: TW_BLOCKED; then TW_BLOCKED
       chat  ERROR TW_BLOCKED  outcome error
          tracewright.block.code = "closed_today"
          tracewright.hook.name = "before_chat"
          ✗ TW_BLOCKED: before_chat blocked chat: not now
    concurrent, open: TW_BLOCKED, aborted by TW_BLOCKED, aborted by TW_BLOCKED; then TW_BLOCKED, aborted by TW_BLOCKED, aborted by TW_BLOCKED
       chat  ERROR TW_BLOCKED  outcome error
          tracewright.block.code = "closed_today"
          tracewright.hook.name = "before_chat"
          ✗ TW_BLOCKED: before_chat blocked chat: not now
    concurrent, closed: TW_BLOCKED, aborted by TW_BLOCKED, aborted by TW_BLOCKED; then TW_BLOCKED, aborted by TW_BLOCKED, aborted by TW_BLOCKED
       chat  ERROR TW_BLOCKED  outcome error
          tracewright.block.code = "closed_today"
          tracewright.hook.name = "before_chat"
          ✗ TW_BLOCKED: before_chat blocked chat: not now"
  `);
});

test('G1: an operation has one result and one ended span when its hook mutates its payload', async () => {
  const outcomes = await outcomesOf(({ hooks, settings }) => {
    hooks.add({
      hook: beforeChat,
      run(payload) {
        (payload as { model: string }).model = 'mutated'; // What the compiler would have refused.
      },
      ...settings,
    });
  });
  expect(outcomes).toMatchInlineSnapshot(`
    "sequential, open: goes on with small, counted error; then goes on with small, counted error
       chat
    sequential, closed: TW_HOOK_FAILED, counted error; then TW_HOOK_FAILED, counted error
       chat  ERROR TW_HOOK_FAILED  outcome error
          tracewright.hook.name = "before_chat"
          ✗ TW_HOOK_FAILED: a hook on before_chat failed, so that chat could not go on
    concurrent, open: goes on with small, counted error; then goes on with small, counted error
       chat
    concurrent, closed: TW_HOOK_FAILED, counted error; then TW_HOOK_FAILED, counted error
       chat  ERROR TW_HOOK_FAILED  outcome error
          tracewright.hook.name = "before_chat"
          ✗ TW_HOOK_FAILED: a hook on before_chat failed, so that chat could not go on"
  `);
});

test('G1: an operation has one result and one ended span when its hook registers itself again', async () => {
  const outcomes = await outcomesOf(({ hooks, settings, note }) => {
    const again: HookRegistration = {
      hook: beforeChat,
      run() {
        note('called');
        hooks.add(again);
        hooks.add({ ...again });
      },
      ...settings,
    };
    hooks.add(again);
  });
  expect(outcomes).toMatchInlineSnapshot(`
    "sequential, open: goes on with small, called; then goes on with small, called, called
       chat
    sequential, closed: goes on with small, called; then goes on with small, called, called
       chat
    concurrent, open: goes on with small, called; then goes on with small, called, called
       chat
    concurrent, closed: goes on with small, called; then goes on with small, called, called
       chat"
  `);
});

test('G1: an operation has one result and one ended span when its hook is removed while it runs', async () => {
  const outcomes = await outcomesOf(({ hooks, settings }) => {
    const first = hooks.add({
      hook: beforeChat,
      async run() {
        first.remove();
        second.remove();
        await Promise.resolve();
      },
      ...settings,
    });
    const second = hooks.add({ hook: beforeChat, run: async () => block('not now', { code: 'closed_today' }), ...settings });
  });
  expect(outcomes).toMatchInlineSnapshot(`
    "sequential, open: TW_BLOCKED; then nobody heard
       chat  ERROR TW_BLOCKED  outcome error
          tracewright.block.code = "closed_today"
          tracewright.hook.name = "before_chat"
          ✗ TW_BLOCKED: before_chat blocked chat: not now
    sequential, closed: TW_BLOCKED; then nobody heard
       chat  ERROR TW_BLOCKED  outcome error
          tracewright.block.code = "closed_today"
          tracewright.hook.name = "before_chat"
          ✗ TW_BLOCKED: before_chat blocked chat: not now
    concurrent, open: TW_BLOCKED; then nobody heard
       chat  ERROR TW_BLOCKED  outcome error
          tracewright.block.code = "closed_today"
          tracewright.hook.name = "before_chat"
          ✗ TW_BLOCKED: before_chat blocked chat: not now
    concurrent, closed: TW_BLOCKED; then nobody heard
       chat  ERROR TW_BLOCKED  outcome error
          tracewright.block.code = "closed_today"
          tracewright.hook.name = "before_chat"
          ✗ TW_BLOCKED: before_chat blocked chat: not now"
  `);
});
