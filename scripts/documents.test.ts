import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes } from '@tracewright/conventions';
import { expect, test } from 'vitest';
import { findErrorPageProblems } from './document-errors.ts';
import { findLengthProblems, findLinkProblems } from './document-links.ts';
import { describeProblem } from './problem.ts';
import { repositoryRoot } from './repository.ts';
import { temporaryTree } from './temporary-tree.ts';
import { findTraceTableProblems, type TraceTable, writeTraceTables } from './traces-tables.ts';

test('every error code has a section with a cause and a remedy, and every section has a code', () => {
  const page = '# Errors\n\n## TW_A\n\n**Cause.** Why.\n\n**Remedy.** How.\n\n## TW_B\n\n**Cause.** Why.\n\n**Remedy.**\n\n## TW_OLD\n';
  expect(findErrorPageProblems(page, ['TW_A', 'TW_B', 'TW_C']).map(describeProblem)).toEqual([
    'docs/errors.md: has no section `## TW_C`',
    'docs/errors.md:9: the section TW_B has no **Remedy**',
    'docs/errors.md:15: has a section for TW_OLD, which is not in the table of error codes',
  ]);
});

const table: TraceTable = {
  name: 'attributes',
  columns: ['Key', 'Type', 'Meaning'],
  rows: [
    ['`a.first`', 'string', 'One | the other.'],
    ['`a.second`', 'int', ''],
  ],
};
const empty = '# Traces\n\n<!-- attributes:begin -->\n<!-- attributes:end -->\n\nEnd.\n';

test('a written table agrees with the conventions, and writing it again changes nothing', () => {
  const page = writeTraceTables(empty, [table]);
  expect(page).toBe(
    '# Traces\n\n<!-- attributes:begin -->\n\n| Key | Type | Meaning |\n|---|---|---|\n' +
      '| `a.first` | string | One \\| the other. |\n| `a.second` | int | |\n\n<!-- attributes:end -->\n\nEnd.\n',
  );
  expect(findTraceTableProblems(page, [table])).toEqual([]);
  expect(writeTraceTables(page, [table])).toBe(page);
});

test('a key that is missing, unknown or different is reported', () => {
  const page = writeTraceTables(empty, [table]).replace('| int |', '| double |').replace('`a.first`', '`a.third`');
  expect(findTraceTableProblems(page, [table]).map(describeProblem)).toEqual([
    'docs/traces.md:7: lists `a.third`, which the conventions lack or the page has twice',
    'docs/traces.md:8: `a.second`: Type is `double`, in the conventions `int`',
    'docs/traces.md: lacks `a.first` in the table of attributes',
  ]);
  expect(findTraceTableProblems('# Traces', [table]).map(describeProblem)).toEqual([
    'docs/traces.md: lacks <!-- attributes:begin --> or <!-- attributes:end -->',
  ]);
});

test('a relative link needs its file; code, anchors and other sites are not links to files', () => {
  using tree = temporaryTree({
    'docs/a.md':
      '[b](b.md#top) [up](../README.md) [x](#here) [y](https://example.org) `[z](gone.md)`\n```\n[q](gone.md)\n```\n[no](gone.md)',
    'docs/b.md': '[one]: lost.md',
    'README.md': '',
  });
  expect(findLinkProblems(tree.root, ['docs/a.md', 'docs/b.md']).map(describeProblem)).toEqual([
    'docs/a.md:5: links to gone.md, which does not exist',
    'docs/b.md:1: links to lost.md, which does not exist',
  ]);
});

test('a page may have as many lines as its limit', () => {
  using tree = temporaryTree({ 'README.md': '1\n2\n', 'AGENTS.md': '1\n2\n3\n' });
  expect(findLengthProblems(tree.root, { 'README.md': 2, 'AGENTS.md': 2, 'GONE.md': 1 }).map(describeProblem)).toEqual([
    'AGENTS.md: has 3 lines, at most 2 are allowed',
  ]);
});

test('the pages of this repository agree with its conventions, in both directions', () => {
  const page = (name: string): string => readFileSync(join(repositoryRoot, 'docs', name), 'utf8');
  expect(findTraceTableProblems(page('traces.md')).map(describeProblem)).toEqual([]);
  expect(findErrorPageProblems(page('errors.md'), Object.keys(errorCodes)).map(describeProblem)).toEqual([]);
});
