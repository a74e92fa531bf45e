import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findCodeProblems } from './document-code.ts';
import { describeProblem } from './problem.ts';
import { repositoryRoot } from './repository.ts';
import { temporaryTree } from './temporary-tree.ts';

async function problemsOf(page: string): Promise<readonly string[]> {
  const settings = readFileSync(join(repositoryRoot, 'tsconfig.base.json'), 'utf8');
  using tree = temporaryTree({ 'docs/guides/page.md': page, 'tsconfig.base.json': settings, 'package.json': '{ "type": "module" }' });
  symlinkSync(join(repositoryRoot, 'node_modules'), join(tree.root, 'node_modules'));
  return (await findCodeProblems(tree.root, ['docs/guides/page.md'])).map(describeProblem);
}

test('a block that does not fit the sources is reported at its line of the page', async () => {
  const page = [
    '# Page',
    '```ts',
    "import { errorCodes } from '@tracewright/conventions';",
    'const code: string = errorCodes.TW_TIMEOUT;',
    '```',
    'and then, as a module of its own',
    '```ts',
    "const code: number = 'text';",
    '```',
    '```bash',
    'not TypeScript',
    '```',
  ];
  expect(await problemsOf(page.join('\n'))).toEqual(["docs/guides/page.md:8: TS2322: Type 'string' is not assignable to type 'number'."]);
});

test('a block opts out with a reason, and only with one', async () => {
  expect(await problemsOf('```ts no-check shows a sketch\nnonsense(\n```')).toEqual([]);
  expect(await problemsOf('```ts no-check\nnonsense(\n```')).toEqual([
    'docs/guides/page.md:1: opts out of the type check without a reason',
  ]);
});
