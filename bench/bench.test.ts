import { expect, test } from 'vitest';
import { packageOf } from './cold-import.ts';
import { goals, showGoal, verdict } from './goals.ts';
import { readOptions } from './options.ts';
import { compareRuns } from './messages/compare-runs.ts';
import { figureTable, skippedLines, timeTable } from './report.ts';
import { joinProcesses } from './results.ts';
import { median, medianRatio, spreadOf } from './statistics.ts';

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7]);
  expect(median([])).toBeNaN();
});

test('a median leaves its input as it was', () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});

test('a ratio is taken within each round, so that a round that was slow as a whole does not count', () => {
  expect(medianRatio([200, 2000, 220], [100, 1000, 100])).toBe(2);
});

test('a spread shows the lowest and the highest beside the median', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, lowest: 1, highest: 3 });
});

test('a goal is met at its limit, and missed by the factor over it', () => {
  expect(verdict({ limit: 1.05, unit: 'ratio' }, 1.05)).toEqual({ met: true, text: 'met' });
  expect(verdict({ limit: 1.4, unit: 'ratio' }, 2.1)).toEqual({ met: false, text: 'missed by 1.50×' });
  expect(verdict({ limit: 15, unit: 'ms' }, 30)).toEqual({ met: false, text: 'missed by 2.00×' });
});

test('a figure that was not measured has not met its goal', () => {
  expect(verdict({ limit: 1, unit: 'ratio' }, Number.NaN)).toEqual({ met: false, text: 'not measured' });
});

test('a figure without a goal has no verdict', () => {
  expect([verdict(undefined, 3), showGoal(undefined)]).toEqual([undefined, '']);
});

test('goals are shown with their unit', () => {
  expect([showGoal(goals['1']), showGoal(goals['17 time'])]).toEqual(['≤ 1.05×', '≤ 15 ms']);
});

test('a figure is the median of the processes that measured it', () => {
  const process = (value: number, averageNs: number) => [
    {
      title: 'telemetry off',
      variants: [{ name: 'op(x)', averageNs, p50Ns: averageNs - 1 }],
      ratios: [{ figure: '1', of: 'op(x)', to: 'fn', value }],
    },
  ];
  expect(joinProcesses([process(1.2, 120), process(1.0, 100), process(1.9, 190)])).toEqual({
    figures: [{ figure: '1', of: 'op(x)', to: 'fn', unit: 'ratio', value: { median: 1.2, lowest: 1.0, highest: 1.9 } }],
    variants: [{ comparison: 'telemetry off', name: 'op(x)', averageNs: 120, p50Ns: 119 }],
  });
});

test('results of several Nodes stand side by side, each with its verdict', () => {
  const result = (node: string, value: number) => ({
    node,
    figures: [{ figure: '1', of: 'op(x)', to: 'fn', unit: 'ratio' as const, value: { median: value, lowest: value, highest: value } }],
    variants: [],
    loaded: {},
  });
  expect(figureTable([result('v20', 2.1), result('v24', 1)])).toMatchInlineSnapshot(`
    "| Figure | Of    | To | Goal    | Node v20 | lowest–highest | Verdict         | Node v24 | lowest–highest | Verdict |
    |--------|-------|----|---------|----------|----------------|-----------------|----------|----------------|---------|
    | 1      | op(x) | fn | ≤ 1.05× | 2.10×    | 2.10×–2.10×    | missed by 2.00× | 1.00×    | 1.00×–1.00×    | met     |"
  `);
});

test('a loaded file is counted for the innermost package that holds it', () => {
  expect(packageOf('/a/node_modules/b/node_modules/@scope/name/index.js')).toBe('@scope/name');
  expect(packageOf('/a/node_modules/name/index.js')).toBe('name');
  expect(packageOf('/a/packages/runtime/dist/index.js')).toBe('packages/runtime');
  expect(packageOf('/a/bench/program.js')).toBeUndefined();
});

test('messages are shown as how many in a second, with the processor time of each', () => {
  const variants = [{ comparison: 'received', name: 'link', averageNs: 20_000, p50Ns: 20_000, processorNs: 15_500 }];
  expect(timeTable([{ node: 'v20', figures: [], variants, loaded: {} }])).toMatchInlineSnapshot(`
    "| Comparison | Variant | Node v20: messages per second / processor µs per message |
    |------------|---------|----------------------------------------------------------|
    | received   | link    | 50000 / 15.5                                             |"
  `);
});

test('processor time is the median of the processes, where it was measured', () => {
  const process = (processorNs: number | undefined) => [
    { title: 'received', variants: [{ name: 'link', averageNs: 1, p50Ns: 1, processorNs }], ratios: [] },
  ];
  const joined = (given: readonly (number | undefined)[]) => joinProcesses(given.map(process)).variants[0]?.processorNs;
  expect([joined([3, 1, 2]), joined([undefined])]).toEqual([2, undefined]);
});

test('what was skipped is told with its Node', () => {
  const result = { node: 'v20', figures: [], variants: [], loaded: {}, skipped: ['row 8 is skipped'] };
  expect(skippedLines(result)).toEqual(['Node v20: row 8 is skipped']);
});

test('runs are compared within their round, by time and by processor time', async () => {
  const costs = { fast: [9, 100, 10, 1], slow: [9, 300, 20, 4] };
  const variant = (name: keyof typeof costs) => async () => {
    const wallNs = costs[name].shift() ?? Number.NaN;
    return { wallNs, processorNs: wallNs * 2 + 1 };
  };
  const compared = await compareRuns(
    { title: 't', variants: { fast: variant('fast'), slow: variant('slow') }, ratios: [{ figure: '7', of: 'slow', to: 'fast' }] },
    3,
  );
  // The first run of each does not count; 3, 2 and 4 times as long are left.
  expect(compared.ratios.map(({ figure, value }) => [figure, value.toFixed(2)])).toEqual([
    ['7', '3.00'],
    ['7 processor', '2.99'],
  ]);
});

test('an unknown suite or option is refused with what was received', () => {
  expect(() => readOptions(['kernels'])).toThrow('one suite is needed, received kernels: there is kernel, messages');
  expect(() => readOptions([])).toThrow('one suite is needed, received none: there is kernel, messages');
  expect(() => readOptions(['kernel', '--fast'])).toThrow("Unknown option '--fast'");
});

test('each --node is measured beside the Node that runs the harness', () => {
  expect(readOptions(['kernel', '--node', 'a', '--node', 'b']).nodes).toEqual([process.execPath, 'a', 'b']);
});
