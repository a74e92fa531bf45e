import { expect, test } from 'vitest';
import { checkSteps, chooseSteps } from './check-steps.ts';
import { lineDiff } from './line-diff.ts';

test('steps are chosen by name in their own order; none named means all', () => {
  const steps = checkSteps();
  expect(chooseSteps(steps, [])).toBe(steps);
  expect(chooseSteps(steps, ['test', 'layers'])).toMatchObject([{ name: 'layers' }, { name: 'test' }]);
  expect(chooseSteps(steps, ['tests'])).toBe(
    'no step is named tests; there are format, lint, layers, types, knip, test, docs, corpus, examples, packages',
  );
});

test('a report of the tests is written only where one is asked for', () => {
  const testCommands = (report?: string) => checkSteps(report).find(({ name }) => name === 'test')?.commands;
  expect(testCommands()).toEqual([['npm', 'test', '--silent']]);
  expect(testCommands('report.json')?.[0]).toContain('--outputFile.json=report.json');
});

test('a difference of two texts is shown with two lines around it, and equal texts have none', () => {
  expect(lineDiff('a\nb', 'a\nb')).toBe('');
  expect(lineDiff('1\n2\n3\n4\n5\n6', '1\n2\n3\nfour\n5\n6\n7')).toBe('  2\n  3\n- 4\n+ four\n  5\n  6\n+ 7');
});
