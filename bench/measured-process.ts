import { spawn } from 'node:child_process';
import { TracewrightError } from 'tracewright';
import { benchFolder } from './build.ts';

/** One run of `node` with `parameters`, to its end. */
export interface Finished {
  readonly output: string;
  readonly wallMs: number;
}

/**
 * Runs a program on the given Node in a process of its own, without settings of the surrounding environment that would change what is measured.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` when the program cannot be started or fails; the cause has what it wrote to stderr
 */
export function runProcess(
  node: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('OTEL_') && name !== 'NODE_OPTIONS' && name !== 'NODE_V8_COVERAGE',
  );
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(node, parameters, { cwd: benchFolder, env: { ...Object.fromEntries(inherited), ...environment } });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('error', (cause) => reject(new TracewrightError('TW_BAD_OPTION', `${node} could not be started`, { cause })));
    child.on('close', (exitCode) => {
      if (exitCode === 0) resolve({ output, wallMs: performance.now() - startedAt });
      else reject(new TracewrightError('TW_BAD_OPTION', `a measured process ended with exit code ${exitCode}:\n${errors}`));
    });
  });
}

/** The version of a Node binary, such as `v24.21.0`. */
export async function nodeVersion(node: string): Promise<string> {
  return (await runProcess(node, ['--version'])).output.trim();
}
