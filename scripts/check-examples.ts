import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finished, run } from './child.ts';
import { lineDiff } from './line-diff.ts';
import { type Problem, reportProblems } from './problem.ts';
import { repositoryRoot } from './repository.ts';

const isUpdate = process.argv.includes('--update');
const timeoutMs = 60_000;

/** Nothing of the machine reaches an example: no exporter, no colour, no time zone, a port of the system's choice. */
const environment = { PATH: process.env['PATH'], TZ: 'UTC', LANG: 'C.UTF-8', NO_COLOR: '1', PORT: '0' };

/** Runs the example for one round. What it prints on standard output is its trace; notices go to standard error. */
function runExample(example: string): Promise<Finished> {
  const parameters = ['--conditions=@tracewright/source', '--import', 'tsx', join(example, 'src/main.ts'), '--once'];
  return run({ program: process.execPath, parameters, folder: repositoryRoot, environment, timeoutMs });
}

async function judgeExample(example: string): Promise<readonly Problem[]> {
  const file = join(example, 'expected-trace.txt');
  const { exitCode, stdout, stderr } = await runExample(example);
  if (exitCode !== 0) {
    return [{ file: example, message: `ended with ${exitCode ?? `a signal, at latest after ${timeoutMs} ms`}\n${stdout}${stderr}` }];
  }
  if (/warning/i.test(stderr)) {
    return [{ file: example, message: `warned\n${stderr}` }];
  }
  if (isUpdate) {
    writeFileSync(join(repositoryRoot, file), stdout);
  }
  const difference = lineDiff(readFileSync(join(repositoryRoot, file), 'utf8'), stdout);
  return difference === '' ? [] : [{ file, message: `the example prints other traces (- expected, + printed)\n${difference}` }];
}

const examples = readdirSync(join(repositoryRoot, 'examples'))
  .map((name) => `examples/${name}`)
  .filter((example) => existsSync(join(repositoryRoot, example, 'expected-trace.txt')));

const problems: Problem[] = [];
for (const example of examples) {
  problems.push(...(await judgeExample(example)));
}
reportProblems(problems, `${examples.length} ${examples.length === 1 ? 'example prints' : 'examples print'} the expected traces`);
