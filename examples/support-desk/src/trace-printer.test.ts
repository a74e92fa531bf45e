import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { colourTraces, wantsColour } from './colours.ts';
import { type FinishedTrace, TracePrinter } from './trace-printer.ts';
import { traceText } from './trace-text.ts';

test('a trace is given away when its last span has ended, whole and in the order in which it was started', async () => {
  const finished: FinishedTrace[] = [];
  const printer = new TracePrinter((trace) => finished.push(trace));
  using traces = recordTraces({ processors: [printer] });
  await traces.runtime().run('outer', async (scope) => {
    await scope.run('first', () => undefined);
    await scope.run('second', () => undefined);
    expect([printer.open, finished]).toEqual([1, []]);
  });
  expect(finished.map(({ spans }) => spans.map(({ name }) => name))).toEqual([['outer', 'first', 'second']]);
  expect(printer.open).toBe(0);
});

test('a link is named by its target, in a trace that has been given away already', async () => {
  const texts: string[] = [];
  using traces = recordTraces({ processors: [new TracePrinter((trace) => texts.push(traceText(trace, { durations: false })))] });
  const runtime = traces.runtime({ service: { principalId: 'desk' } });
  const headers = await runtime.run('send', (scope) => scope.inject());
  await runtime.run('receive', () => undefined, { link: headers });
  expect(texts[1]).toBe('● test · service desk\n  receive  service desk\n     → link to send (producer)\n');
});

test('idle waits for every open span', async () => {
  const printer = new TracePrinter(() => undefined);
  using traces = recordTraces({ processors: [printer] });
  let isIdle = false;
  await traces.runtime().run('work', async () => {
    void printer.idle().then(() => {
      isIdle = true;
    });
    await Promise.resolve();
    expect(isIdle).toBe(false);
  });
  await printer.idle();
  await Promise.resolve();
  expect(isIdle).toBe(true);
});

test('colour is for terminals, and never where NO_COLOR is set', () => {
  expect([wantsColour({ isTTY: true }, {}), wantsColour({}, {}), wantsColour({ isTTY: true }, { NO_COLOR: '1' })]).toEqual([
    true,
    false,
    false,
  ]);
  expect(colourTraces('  └─ look up order  ERROR Down')).toBe('\u001b[31m  └─ look up order  ERROR Down\u001b[39m');
});

test('what interceptors tell stands beside the name; how long a place was waited for is left out where durations are', async () => {
  const texts: string[] = [];
  const draw = (trace: FinishedTrace): void => {
    for (const durations of [false, true]) texts.push(traceText(trace, { durations }).split('\n')[1] ?? '');
  };
  using traces = recordTraces({ processors: [new TracePrinter(draw)] });
  await traces.runtime().run('look up', (scope) => {
    scope.set({ 'tracewright.cache': 'miss', 'tracewright.attempts': 2, 'tracewright.limit.wait_time': 0.0125 });
  });
  await traces.runtime().run('look up', (scope) => scope.set({ 'tracewright.attempts': 1 }));
  expect(texts).toEqual([
    '  look up  cache miss  2 attempts  waited  service service',
    '  look up  cache miss  2 attempts  waited 12.5 ms  service service',
    '  look up  service service',
    '  look up  service service',
  ]);
});
