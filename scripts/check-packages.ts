import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './child.ts';
import { readManifest, type WorkspacePackage } from './package-manifest.ts';
import { installAndImport } from './package-installation.ts';
import { type Problem, reportProblems } from './problem.ts';
import { repositoryRoot } from './repository.ts';

const packages = ['packages/conventions', 'packages/check', 'packages/runtime'].map((folder) => readManifest(repositoryRoot, folder));
const target = mkdtempSync(join(tmpdir(), 'tracewright-packages-'));

/** Files of a tarball that no user of the package has a use for. */
const unwanted = /\.test(-d)?\.|\.tsbuildinfo$/;

interface Packed {
  readonly tarball: string;
  readonly problems: readonly Problem[];
}

async function pack({ folder }: WorkspacePackage): Promise<Packed> {
  const parameters = ['pack', '--json', '--silent', '--pack-destination', target];
  const { exitCode, stdout, output } = await run({ program: 'npm', parameters, folder: join(repositoryRoot, folder) });
  if (exitCode !== 0) {
    throw new Error(`npm pack failed in ${folder}\n${output}`);
  }
  // The shape is npm's documented output of `pack --json`.
  const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  const file = `${folder}/package.json`;
  const problems = packed.files
    .filter(({ path }) => unwanted.test(path))
    .map(({ path }) => ({ file, message: `packs ${path}, which no user needs` }));
  return { tarball: join(target, packed.filename), problems };
}

/** What publint and attw say about one tarball. */
async function lint({ folder }: WorkspacePackage, tarball: string): Promise<readonly Problem[]> {
  const file = `${folder}/package.json`;
  const publint = await run({ program: 'publint', parameters: ['run', tarball, '--strict'], folder: repositoryRoot });
  const attw = await run({ program: 'attw', parameters: [tarball, '--profile', 'esm-only', '--no-emoji'], folder: repositoryRoot });
  return [
    ...(publint.exitCode === 0 ? [] : [{ file, message: `publint:\n${publint.output}` }]),
    ...(attw.exitCode === 0 ? [] : [{ file, message: `attw:\n${attw.output}` }]),
  ];
}

async function checkPackages(): Promise<readonly Problem[]> {
  const built = await run({ program: 'npm', parameters: ['run', '--silent', 'build'], folder: repositoryRoot });
  if (built.exitCode !== 0) {
    return [{ file: 'package.json', message: `npm run build failed\n${built.output}` }];
  }
  const problems: Problem[] = [];
  const tarballs: string[] = [];
  for (const each of packages) {
    const packed = await pack(each);
    problems.push(...packed.problems, ...(await lint(each, packed.tarball)));
    tarballs.push(packed.tarball);
  }
  const consumer = join(target, 'consumer');
  mkdirSync(consumer);
  return [...problems, ...(await installAndImport(consumer, packages, tarballs))];
}

try {
  reportProblems(await checkPackages(), `${packages.map(({ name }) => name).join(', ')}: packed, linted, installed, every entry imported`);
} finally {
  rmSync(target, { recursive: true });
}
