import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';

/** A command to run to its end. */
export interface Command {
  readonly program: string;
  readonly parameters?: readonly string[];
  readonly folder: string;
  /** The whole environment of the child; default: this process's own. */
  readonly environment?: NodeJS.ProcessEnv;
  /** The child is killed after so long; default: never. */
  readonly timeoutMs?: number;
}

export interface Finished {
  /** Absent when a signal ended the child. */
  readonly exitCode?: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams, in the order in which they arrived. */
  readonly output: string;
  readonly elapsedMs: number;
}

/** Runs a child without standard input. Resolves whatever its exit code is; rejects when it cannot be started. */
export function run({ program, parameters = [], folder, environment = process.env, timeoutMs }: Command): Promise<Finished> {
  const startedMs = performance.now();
  const timeout = timeoutMs === undefined ? {} : { timeout: timeoutMs };
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'], ...timeout });
    const text = { stdout: '', stderr: '', output: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk;
        text.output += chunk;
      });
    }
    child.on('error', reject);
    child.on('close', (exitCode) => {
      resolve({ ...(exitCode === null ? {} : { exitCode }), ...text, elapsedMs: performance.now() - startedMs });
    });
  });
}
