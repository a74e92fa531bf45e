import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from './child.ts';
import { repositoryRoot } from './repository.ts';
import { temporaryTree } from './temporary-tree.ts';

interface TestFile {
  readonly status: string;
  readonly tests: readonly string[];
}

/** The last line and the exit code of the count of two reports that hold these files. */
async function countOf(runCode: number, files: readonly TestFile[]): Promise<{ line: string | undefined; exitCode: number | undefined }> {
  const testResults = files.map(({ status, tests }) => ({
    name: 'a.test.ts',
    status,
    assertionResults: tests.map((each) => ({ status: each, fullName: 'does its work' })),
  }));
  using tree = temporaryTree({ 'one.json': JSON.stringify({ testResults }), 'two.json': JSON.stringify({ testResults }) });
  const parameters = [join(repositoryRoot, '.ci/count-tests.mjs'), String(runCode), 'one.json', 'two.json', 'never-written.json'];
  const { stdout, exitCode } = await run({ program: process.execPath, parameters, folder: tree.root });
  return { line: stdout.trimEnd().split('\n').at(-1), exitCode };
}

test.each([
  {
    title: 'passed tests of all reports are summed',
    runCode: 0,
    status: 'passed',
    tests: ['passed', 'passed'],
    line: '4 passed, 0 failed',
  },
  { title: 'failed tests fail the run', runCode: 1, status: 'failed', tests: ['passed', 'failed'], line: '2 passed, 2 failed' },
  { title: 'a skipped test fails the run', runCode: 0, status: 'passed', tests: ['passed', 'skipped'], line: '2 passed, 1 failed' },
  { title: 'a file that cannot be loaded is a failure', runCode: 1, status: 'failed', tests: [], line: '0 passed, 2 failed' },
  {
    title: 'a run that failed outside its tests is no good one',
    runCode: 1,
    status: 'passed',
    tests: ['passed'],
    line: '2 passed, 1 failed',
  },
  { title: 'a run without tests is none', runCode: 0, status: 'passed', tests: [], line: '0 passed, 1 failed' },
])('$title', async ({ runCode, line, ...file }) => {
  expect(await countOf(runCode, [file])).toEqual({ line, exitCode: line.endsWith(' 0 failed') ? 0 : 1 });
});
