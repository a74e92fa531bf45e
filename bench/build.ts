import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TracewrightError } from 'tracewright';

export const benchFolder = dirname(fileURLToPath(import.meta.url));
/** Measured processes run compiled files by plain Node: a loader that compiles would be measured too. */
export const compiledFolder = join(benchFolder, 'dist');

/**
 * Brings the compiled packages and the compiled harness up to date; quick when they are.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` with the output of the compiler when it finds errors
 */
export function build(): void {
  const compiler = join(dirname(createRequire(import.meta.url).resolve('@typescript/native/package.json')), 'bin', 'tsc');
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, '-b', benchFolder], { encoding: 'utf8' });
  if (status !== 0) throw new TracewrightError('TW_BAD_OPTION', `the sources do not compile:\n${stdout}${stderr}`);
  const bundler = ['--conditions=@tracewright/source', '--import', 'tsx', join(benchFolder, '..', 'scripts', 'bundle.ts')];
  const bundled = spawnSync(process.execPath, bundler, { encoding: 'utf8' });
  if (bundled.status !== 0)
    throw new TracewrightError('TW_BAD_OPTION', `the packages cannot be bundled:\n${bundled.stdout}${bundled.stderr}`);
}
