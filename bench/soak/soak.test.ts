import { expect, test } from 'vitest';
import { judge } from './bounds.ts';
import { helpText, readCommandLine } from './command-line.ts';
import { soakBounds, type SoakEnd } from './soak-bounds.ts';
import { readSoakOptions } from './soak-options.ts';
import { messageWindow, Tally } from './tally.ts';

const texts = { size: { placeholder: 'n', text: 'how many', fallback: '3' } };

test('an option that is not given has its default, and help has no options', () => {
  expect([readCommandLine([], texts), readCommandLine(['--size', '4'], texts), readCommandLine(['--help'], texts)]).toEqual([
    { size: '3' },
    { size: '4' },
    undefined,
  ]);
});

test('help names each option with its default', () => {
  expect(helpText('npm run it', texts)).toBe('npm run it\n\n  --size <n>  how many (default 3)');
});

test('an option of the soak that is unknown or wrong is refused with what was received', () => {
  expect(() => readSoakOptions(['--fast'])).toThrow("Unknown option '--fast'");
  expect(() => readSoakOptions(['--transport', 'kafka'])).toThrow('--transport must be memory or nats, received kafka');
  expect(() => readSoakOptions(['--messages', '1e400'])).toThrow('--messages must be a whole number of at least 10, received 1e400');
});

test('a soak runs a million messages in memory unless told otherwise', () => {
  expect(readSoakOptions([])).toEqual({ transport: 'memory', messages: 1_000_000, concurrency: 8, handlerMs: 0 });
});

test('a bound holds up to its limit, and what could not be found out breaks it', () => {
  const bounds = [0, 1, 2, Number.NaN].map((found) => ({ what: 'x', found, limit: 1, unit: 'MB' }));
  expect(judge(bounds)).toEqual({
    lines: [
      'holds   x: 0 MB, at most 1 MB',
      'holds   x: 1 MB, at most 1 MB',
      'BROKEN  x: 2 MB, at most 1 MB',
      'BROKEN  x: NaN MB, at most 1 MB',
    ],
    allHold: false,
  });
});

const good: SoakEnd = {
  tally: { lost: 0, repeated: 0, unexplained: 0 },
  counter: { open: 0, largestTrace: 1, mostTraces: 11 },
  heaps: [9, 20, 21, 28],
  senders: 1,
};
const brokenBy = (transport: 'memory' | 'nats', end: Partial<SoakEnd>): readonly string[] =>
  judge(soakBounds({ transport, messages: 100, concurrency: 8, handlerMs: 0 }, { ...good, ...end })).lines.filter((line) =>
    line.startsWith('BROKEN'),
  );

test('a soak within its bounds breaks none', () => {
  expect(brokenBy('memory', {})).toEqual([]);
});

test.each([
  ['a lost message', { tally: { lost: 1, repeated: 0, unexplained: 0 } }, 'messages lost: 1, at most 0'],
  ['an open span', { counter: { ...good.counter, open: 1 } }, 'spans open at the end: 1, at most 0'],
  ['a trace too many at once', { counter: { ...good.counter, mostTraces: 12 } }, 'live traces at once: 12, at most 11'],
  ['a trace that grows', { counter: { ...good.counter, largestTrace: 3 } }, 'spans in the largest trace: 3, at most 2'],
  ['a heap that grows', { heaps: [9, 20, 28.5] }, 'heap at the end over that after a fifth: 8.5 MB, at most 8 MB'],
  ['a heap that nobody has looked at', { heaps: [] }, 'heap at the end over that after a fifth: NaN MB, at most 8 MB'],
])('%s breaks a bound of the soak', (_what, end, line) => {
  expect(brokenBy('nats', end)).toEqual([`BROKEN  ${line}`]);
});

test('a message that is delivered again breaks a bound in memory, and none over NATS', () => {
  const tally = { lost: 0, repeated: 1, unexplained: 0 };
  expect([brokenBy('memory', { tally }).length, brokenBy('nats', { tally }).length]).toEqual([1, 0]);
});

test('a tally tells lost messages, repeated ones, and those that were repeated without a further delivery', () => {
  const tally = new Tally(4);
  expect([tally.add(0, 1), tally.add(1, 1), tally.add(1, 2), tally.add(0, 1)]).toEqual([true, true, false, false]);
  expect([tally.handled, tally.lost, tally.repeated, tally.unexplained]).toEqual([2, 2, 2, 1]);
});

test('a message that nobody has sent is an error', () => {
  expect(() => new Tally(2).add(2, 1)).toThrow('message 2 was never sent');
});

test('who sends waits while too many messages are under way', async () => {
  const tally = new Tally(messageWindow + 1);
  const { signal } = new AbortController();
  await tally.room(messageWindow - 1, signal);
  let hasRoom = false;
  const waiting = tally.room(messageWindow, signal).then(() => (hasRoom = true));
  await Promise.resolve();
  expect(hasRoom).toBe(false);
  tally.add(0, 1);
  await waiting;
  expect(hasRoom).toBe(true);
});

test('a tally is complete with its last message, and given up when none comes', async () => {
  const all = new Tally(2);
  const complete = all.complete(60_000);
  all.add(0, 1);
  all.add(1, 1);
  await complete;
  const some = new Tally(2);
  some.add(0, 1);
  await some.complete(1);
  expect([all.lost, some.lost]).toEqual([0, 1]);
});
