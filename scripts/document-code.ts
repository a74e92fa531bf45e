import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './child.ts';
import { codeBlocks } from './markdown.ts';
import type { Problem } from './problem.ts';

/** Where a written block came from. */
interface Origin {
  readonly file: string;
  readonly line: number;
}

const folder = '.cache/docs';

const settings = {
  extends: '../../tsconfig.base.json',
  // A page may show a declaration that its reader uses, not the page.
  compilerOptions: { noEmit: true, composite: false, incremental: false, noUnusedLocals: false, noUnusedParameters: false },
  include: ['*.ts'],
};

/**
 * Type-checks every `ts` block of the markdown files against the sources of the workspace, each block as a module of its own.
 *
 * A block opts out by the info string `ts no-check` with a reason behind it.
 */
export async function findCodeProblems(root: string, files: readonly string[]): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const origins = new Map<string, Origin>();
  rmSync(join(root, folder), { recursive: true, force: true });
  mkdirSync(join(root, folder), { recursive: true });
  for (const file of files) {
    for (const { info, text, line } of codeBlocks(readFileSync(join(root, file), 'utf8'))) {
      const [language = '', option, ...reason] = info.split(/\s+/);
      if (option === 'no-check' && reason.length === 0) {
        problems.push({ file, line: line - 1, message: 'opts out of the type check without a reason' });
      } else if (['ts', 'typescript'].includes(language) && option !== 'no-check') {
        const name = `${file.replaceAll('/', '-').replace(/\.md$/, '')}-${line}.ts`;
        writeFileSync(join(root, folder, name), `${text}\nexport {};\n`);
        origins.set(name, { file, line });
      }
    }
  }
  return origins.size === 0 ? problems : [...problems, ...(await typeCheck(root, origins))];
}

async function typeCheck(root: string, origins: ReadonlyMap<string, Origin>): Promise<readonly Problem[]> {
  writeFileSync(join(root, folder, 'tsconfig.json'), JSON.stringify(settings));
  const parameters = ['--pretty', 'false', '--project', join(folder, 'tsconfig.json')];
  const { exitCode, output } = await run({ program: join(root, 'node_modules/.bin/tsc'), parameters, folder: root });
  const problems = readErrors(output, origins);
  if (exitCode !== 0 && problems.length === 0) {
    return [{ file: folder, message: `tsc ended with ${exitCode ?? 'a signal'}: ${output.trim()}` }];
  }
  return problems;
}

/** The errors that `tsc` printed, at the lines of the markdown files that the blocks came from. */
function readErrors(output: string, origins: ReadonlyMap<string, Origin>): readonly Problem[] {
  const problems: Problem[] = [];
  for (const text of output.split('\n')) {
    const found = /^(.+?)\((\d+),\d+\): error (.+)$/.exec(text);
    if (found !== null) {
      const [, path = '', line = '1', message = ''] = found;
      const origin = path.startsWith(`${folder}/`) ? origins.get(path.slice(folder.length + 1)) : undefined;
      problems.push({ file: origin?.file ?? path, line: Number(line) + (origin?.line ?? 1) - 1, message });
    }
  }
  return problems;
}
