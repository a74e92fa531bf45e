import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './child.ts';
import type { WorkspacePackage } from './package-manifest.ts';
import type { Problem } from './problem.ts';

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

/** Installs the tarballs in an empty folder, as a user would, and imports every entry of the packages. */
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
  const peers = packages.flatMap((each) => each.peers);
  const full = await install(folder, peers);
  return [
    ...main,
    ...full,
    ...(await importEntries(
      folder,
      packages.flatMap(({ entries }) => entries),
    )),
  ];
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
  const { exitCode, output } = await run({ program: process.execPath, parameters: ['import-all.js', ...entries], folder });
  return exitCode === 0 ? [] : [{ file: 'packages', message: `an installed package cannot be imported\n${output}` }];
}
