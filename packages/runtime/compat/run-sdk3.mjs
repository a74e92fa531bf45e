/**
 * Packs the built packages, installs them beside SDK 3 in an empty folder, as a host would, and runs `sdk3.ts` there.
 *
 * Runs with the Node that runs this file, or with the one that NODE24 names: SDK 3 asks for Node 22.15, and running TypeScript for Node 22.18.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..', '..');
const node = process.env.NODE24 ?? process.execPath;

/** What a host on the newest generation has; the older API is there under another name, for the case of two copies. */
const hostDependencies = {
  '@opentelemetry/api': '1.10.0',
  '@opentelemetry/api-1-9': 'npm:@opentelemetry/api@1.9.1',
  '@opentelemetry/context-async-hooks': '3.1.1',
  '@opentelemetry/sdk-trace': '3.1.1',
};

const folder = mkdtempSync(join(tmpdir(), 'tracewright-sdk3-'));
try {
  npm(root, ['run', 'build']);
  const tarballs = ['conventions', 'check', 'runtime'].map((name) => pack(join(root, 'packages', name)));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies: hostDependencies }));
  npm(folder, ['install', ...tarballs]);
  copyFileSync(join(here, 'sdk3.ts'), join(folder, 'sdk3.ts'));
  const { status } = spawnSync(node, ['sdk3.ts'], { cwd: folder, stdio: 'inherit', env: programEnvironment() });
  process.exitCode = status ?? 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @returns the path of the tarball */
function pack(packageFolder) {
  const [packed] = JSON.parse(npm(packageFolder, ['pack', '--json', '--pack-destination', folder]));
  return join(folder, packed.filename);
}

/** Runs npm and gives what it printed; says all of it when it fails. */
function npm(directory, parameters) {
  const options = { cwd: directory, encoding: 'utf8', env: { ...process.env, npm_config_audit: 'false', npm_config_fund: 'false' } };
  const { status, stdout, stderr } = spawnSync('npm', parameters, options);
  if (status !== 0) throw new Error(`npm ${parameters.join(' ')} failed in ${directory}\n${stdout}${stderr}`);
  return stdout;
}

/** Settings of whoever runs this must not change what is tested. */
function programEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OTEL_') && name !== 'NODE_OPTIONS'));
}
