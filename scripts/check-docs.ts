import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCodeProblems } from './document-code.ts';
import { findErrorPageProblems } from './document-errors.ts';
import { findLengthProblems, findLinkProblems } from './document-links.ts';
import { type Problem, reportProblems } from './problem.ts';
import { listFiles, repositoryRoot } from './repository.ts';
import { findTraceTableProblems, tracesPage } from './traces-tables.ts';

const required = ['README.md', 'AGENTS.md', tracesPage, 'docs/errors.md'];
const pages = listFiles(repositoryRoot, ['.md']);
const pagesWithCode = pages.filter((page) => page === 'README.md' || page.startsWith('docs/'));

function judgePage(page: string, judge: (markdown: string) => readonly Problem[]): readonly Problem[] {
  return pages.includes(page) ? judge(readFileSync(join(repositoryRoot, page), 'utf8')) : [];
}

const problems: readonly Problem[] = [
  ...required.filter((page) => !existsSync(join(repositoryRoot, page))).map((file) => ({ file, message: 'does not exist' })),
  ...(await findCodeProblems(repositoryRoot, pagesWithCode)),
  ...judgePage('docs/errors.md', findErrorPageProblems),
  ...judgePage(tracesPage, findTraceTableProblems),
  ...findLinkProblems(repositoryRoot, pages),
  ...findLengthProblems(repositoryRoot, { 'README.md': 150, 'AGENTS.md': 100 }),
];

reportProblems(problems, `${pages.length} pages agree with the code`);
