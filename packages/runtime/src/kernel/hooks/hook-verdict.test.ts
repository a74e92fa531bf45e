import { diag, DiagLogLevel } from '@opentelemetry/api';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { BackgroundWork } from '../background.ts';
import { block } from './hook-block.ts';
import type { HookMode } from './hook-mode.ts';
import type { HookRegistration } from './hook-registration.ts';
import { hookType } from './hook-type.ts';
import { RuntimeHooks } from './hooks.ts';

const event = hookType<{ readonly text: string; readonly fixed: string }>()('event', { writable: ['text'] });
const unchanged = { text: 'as it was', fixed: 'fixed' };

/** What a person may return from JavaScript: given past the compiler. */
const wrong = (value: unknown): never => value as never;

interface Outcome {
  readonly result: unknown;
  readonly counted: readonly string[];
  readonly reported: readonly unknown[];
}

/** Asks the hooks `times` times in an operation; what came of it the last time, what was counted and what OpenTelemetry was told. */
async function ask(registrations: readonly HookRegistration[], times = 1): Promise<Outcome> {
  using traces = recordTraces();
  const counted: string[] = [];
  const reported: unknown[] = [];
  const ignore = (): void => undefined;
  const logger = { error: ignore, info: ignore, debug: ignore, verbose: ignore, warn: (...told: unknown[]) => void reported.push(told) };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const hooks = new RuntimeHooks({ count: (outcome, hook) => counted.push(`${outcome} ${hook}`), background: new BackgroundWork() });
  for (const registration of registrations) hooks.add(registration);
  let result: unknown;
  for (let time = 0; time < times; time += 1)
    result = await traces
      .runtime({ clock: fakeClock() })
      .run('work', (scope) => hooks.set.fire(event, scope, () => unchanged))
      .catch((error: unknown) => error);
  await new Promise((resolve) => setImmediate(resolve));
  diag.disable();
  return { result, counted, reported };
}

test('an open hook that fails is counted and reported with its error, and the payload before it goes on', async () => {
  const broken = new RangeError('broken');
  const outcome = await ask([
    { hook: event, run: () => ({ text: 'first' }) },
    {
      hook: event,
      run: () => {
        throw broken;
      },
    },
    { hook: event, run: () => Promise.reject(broken) },
    { hook: event, mode: 'audit', run: () => undefined },
  ]);
  expect(outcome).toEqual({
    result: { text: 'first', fixed: 'fixed' },
    counted: ['error event', 'error event'],
    reported: [
      ['tracewright: a sequential hook on event failed, and was left out', broken],
      ['tracewright: a sequential hook on event failed, and was left out', broken],
    ],
  });
});

test('a closed hook that fails is counted, and its error is the cause of the one that is thrown', async () => {
  const broken = new RangeError('broken');
  const { result, counted, reported } = await ask([
    { hook: event, mode: 'transform', run: () => Promise.reject(broken), onFailure: 'closed' },
  ]);
  expect(result).toMatchObject({
    code: 'TW_HOOK_FAILED',
    message: 'a hook on event failed, so that work could not go on',
    data: { hook: 'event', why: 'error' },
    cause: broken,
  });
  expect([counted, reported]).toEqual([['error event'], []]);
});

test('fields that are not writable are dropped and counted each time, and reported once', async () => {
  const changes = wrong({ text: 'changed', fixed: 'changed', unheard: 1 });
  expect(await ask([{ hook: event, run: () => changes }], 2)).toEqual({
    result: { text: 'changed', fixed: 'fixed' },
    counted: ['ignored event', 'ignored event'],
    reported: [
      [
        'tracewright: a sequential hook on event returned changes of fixed, unheard, which it may not change: this is dropped, now and whenever it does so again',
        '',
      ],
    ],
  });
});

test.each<HookMode>(['audit', 'concurrent', 'background'])('a hook of mode %s changes nothing', async (mode) => {
  const { result, counted, reported } = await ask([{ hook: event, mode, run: () => ({ text: 'changed' }) }]);
  expect([result, counted]).toEqual([unchanged, ['ignored event']]);
  expect(reported).toEqual([[expect.stringContaining(`a ${mode} hook on event returned changes of text`), '']]);
});

test.each<HookMode>(['transform', 'audit', 'background'])('a hook of mode %s blocks nothing', async (mode) => {
  const { result, counted, reported } = await ask([{ hook: event, mode, run: () => block('no') }]);
  expect([result, counted]).toEqual([unchanged, ['ignored event']]);
  expect(reported).toEqual([[`tracewright: a ${mode} hook on event cannot block: its block was ignored: no`, '']]);
});

test.each([
  ['true', true],
  ['a number', 1],
  ['text', 'no'],
  ['null', null],
  ['a list', ['text']],
  ['an error', new Error('no')],
  ['a function', () => ({ text: 'changed' })],
])('%s is no answer: it is dropped', async (_, answer) => {
  const { result, counted, reported } = await ask([{ hook: event, run: () => wrong(answer) }]);
  expect([result, counted, reported.length]).toEqual([unchanged, ['ignored event'], 1]);
});

test.each([
  ['what looks like a block', { reason: 'no', code: 'blocked', details: undefined }],
  ['a copy of a block', { ...block('no') }],
])('%s blocks nothing', async (_, answer) => {
  const { result, counted } = await ask([{ hook: event, run: () => wrong(answer) }]);
  expect([result, counted]).toEqual([unchanged, ['ignored event']]);
});

test('a block of another copy of the package blocks', async () => {
  const foreign = Object.defineProperty({ reason: 'no', code: 'denied', details: undefined }, Symbol.for('tracewright.hook.block'), {
    value: true,
  });
  const { result } = await ask([{ hook: event, run: () => wrong(foreign) }]);
  expect(result).toMatchObject({ code: 'TW_BLOCKED', data: { reason: 'no', code: 'denied' } });
});

test('a hook that meant to block and gave no reason fails closed, whatever it is registered as', async () => {
  const { result, counted } = await ask([{ hook: event, run: () => block('') }]);
  expect(result).toMatchObject({ code: 'TW_HOOK_FAILED', cause: { code: 'TW_BAD_OPTION', data: { option: 'reason of block' } } });
  expect(counted).toEqual(['error event']);
});

test('one that cannot block fails open with it', async () => {
  const { result, counted } = await ask([{ hook: event, mode: 'audit', run: () => block('') }]);
  expect([result, counted]).toEqual([unchanged, ['error event']]);
});

test.each([
  [
    'changes that cannot be read',
    () => ({
      get text(): string {
        throw new Error('unreadable');
      },
    }),
  ],
  [
    'a hostile answer',
    () =>
      wrong(
        new Proxy(
          {},
          {
            has: () => {
              throw new Error('no');
            },
          },
        ),
      ),
  ],
  [
    'a hostile error',
    () => {
      throw wrong(
        new Proxy(new Error('x'), {
          getPrototypeOf: () => {
            throw new Error('no');
          },
        }),
      );
    },
  ],
])('G9: %s: the hook has failed, and the operation goes on', async (_, run: () => { text: string }) => {
  const { result, counted } = await ask([{ hook: event, run }]);
  expect([result, counted]).toEqual([unchanged, ['error event']]);
});

test('G9: a count that throws changes no result', async () => {
  using traces = recordTraces();
  const hooks = new RuntimeHooks({
    count: () => {
      throw new Error('no meter');
    },
    background: new BackgroundWork(),
  });
  hooks.add({ hook: event, run: () => Promise.reject(new Error('broken')) });
  const work = traces.runtime().run('work', (scope) => hooks.set.fire(event, scope, () => unchanged));
  await expect(work).resolves.toEqual(unchanged);
});
