import { checkSteps, chooseSteps } from './check-steps.ts';
import { run } from './child.ts';
import { repositoryRoot } from './repository.ts';

const seconds = (elapsedMs: number): string => `${(elapsedMs / 1000).toFixed(1)} s`;

/** Runs the named steps, or all, and stops at the first that fails. Returns the exit code: 0, 1 for a failure, 2 for an unknown name. */
async function check(names: readonly string[]): Promise<number> {
  const steps = chooseSteps(checkSteps(process.env['TEST_REPORT']), names);
  if (typeof steps === 'string') {
    console.error(steps);
    return 2;
  }
  let totalMs = 0;
  for (const { name, what, commands } of steps) {
    process.stdout.write(`${name.padEnd(9)} ${what.padEnd(52)} `);
    let stepMs = 0;
    for (const [program = '', ...parameters] of commands) {
      const { exitCode, output, elapsedMs } = await run({ program, parameters, folder: repositoryRoot });
      stepMs += elapsedMs;
      if (exitCode !== 0) {
        console.log(`FAILED after ${seconds(stepMs)}\n\n$ ${[program, ...parameters].join(' ')}\n${output.trimEnd()}`);
        return 1;
      }
    }
    totalMs += stepMs;
    console.log(`ok ${seconds(stepMs)}`);
  }
  console.log(`\n${steps.length} ${steps.length === 1 ? 'step' : 'steps'} ok in ${seconds(totalMs)}`);
  return 0;
}

process.exitCode = await check(process.argv.slice(2));
