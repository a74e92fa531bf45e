import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './child.ts';
import type { WorkspacePackage } from './package-manifest.ts';
import type { Problem } from './problem.ts';
import { repositoryRoot } from './repository.ts';

/** Imports each entry given on the command line and says how many names it has. */
const program = `
let failed = 0;
for (const entry of process.argv.slice(2)) {
  try {
    const names = Object.keys(await import(entry));
    if (names.length === 0) throw new Error('exports nothing');
  } catch (error) {
    failed += 1;
    console.error(entry + ': ' + (error instanceof Error ? error.stack : error));
  }
}
process.exitCode = failed === 0 ? 0 : 1;
`;

/** Fails when the entries of the runtime do not share one kernel: a scope of one would then be foreign to the other. */
const sharedKernel = `
const [{ createRuntime }, { recordTraces }, { spanProcessor }] = await Promise.all(
  ['tracewright', 'tracewright/testing', 'tracewright/otel'].map((entry) => import(entry)),
);
const traces = recordTraces();
const count = createRuntime().define('count', () => 1);
const counted = await traces.runtime().run('work', (scope) => count.in(scope));
if (counted !== 1 || traces.find('count').parentSpanId !== traces.find('work').spanId) throw new Error('two kernels: a scope was not known');
if (typeof spanProcessor().onStart !== 'function') throw new Error('no span processor');
`;

/**
 * Installs the tarballs in an empty folder, as a user would, imports every entry of the packages, and runs an operation through several of them at once.
 */
export async function installAndImport(
  folder: string,
  packages: readonly WorkspacePackage[],
  tarballs: readonly string[],
): Promise<readonly Problem[]> {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  writeFileSync(join(folder, 'import-all.js'), program);
  const bare = await install(folder, [...tarballs, ...peersNamed(packages, '@opentelemetry/api')]);
  if (bare.length > 0) {
    return bare;
  }
  // Optional peers must stay optional: the main entries load without them.
  const main = await importEntries(
    folder,
    packages.map(({ name }) => name),
  );
  const types = await checkTypes(folder);
  writeFileSync(join(folder, 'shared-kernel.js'), sharedKernel);
  const peers = packages.flatMap((each) => each.peers);
  const full = await install(folder, peers);
  return [
    ...main,
    ...types,
    ...full,
    ...(await importEntries(
      folder,
      packages.flatMap(({ entries }) => entries),
    )),
    ...(await runProgram(folder, ['shared-kernel.js'])),
  ];
}

const consumer = `
import { createRuntime, user, type Scope } from 'tracewright';
import { startTelemetry, spanProcessor, type Telemetry } from 'tracewright/otel';
import { buildTraces } from '@tracewright/check';
export const traced: Promise<string> = createRuntime().run('work', (scope: Scope) => scope.name, { as: user('ada') });
export const started: Promise<Telemetry> = startTelemetry();
export const rest = [spanProcessor(), buildTraces([])];
`;

/** Compiles a program that uses the types, with those of libraries checked too: they must not need an optional peer. */
async function checkTypes(folder: string): Promise<readonly Problem[]> {
  writeFileSync(join(folder, 'consumer.ts'), consumer);
  const options = [
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2023,esnext.disposable,dom',
    '--strict',
    '--skipLibCheck',
    'false',
  ];
  const nodeTypes = ['--types', 'node', '--typeRoots', join(repositoryRoot, 'node_modules', '@types')];
  const parameters = [...options, ...nodeTypes, '--noEmit', 'consumer.ts'];
  const { exitCode, output } = await run({ program: 'tsc', parameters, folder });
  return exitCode === 0 ? [] : [{ file: 'packages', message: `the types do not compile without optional peers\n${output}` }];
}

function peersNamed(packages: readonly WorkspacePackage[], name: string): readonly string[] {
  return packages.flatMap(({ peers }) => peers.filter((peer) => peer.startsWith(`${name}@`)));
}

async function install(folder: string, specifiers: readonly string[]): Promise<readonly Problem[]> {
  const parameters = ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...specifiers];
  const { exitCode, output } = await run({ program: 'npm', parameters, folder });
  return exitCode === 0 ? [] : [{ file: 'packages', message: `npm install of the tarballs failed\n${output}` }];
}

async function importEntries(folder: string, entries: readonly string[]): Promise<readonly Problem[]> {
  return runProgram(folder, ['import-all.js', ...entries]);
}

async function runProgram(folder: string, parameters: readonly string[]): Promise<readonly Problem[]> {
  const { exitCode, output } = await run({ program: process.execPath, parameters, folder });
  return exitCode === 0
    ? []
    : [{ file: 'packages', message: `the installed packages do not work: node ${parameters.join(' ')}\n${output}` }];
}
