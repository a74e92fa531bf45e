import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { isTracewrightError } from 'tracewright';
import { benchFolder, build } from './build.ts';
import { measureKernel } from './kernel-suite.ts';
import { measureMessages } from './messages-suite.ts';
import { nodeVersion } from './measured-process.ts';
import { type BenchOptions, help, readOptions, type Suite } from './options.ts';
import { figureTable, loadedLine, skippedLines, timeTable } from './report.ts';
import type { Effort, NodeResult } from './results.ts';

type Measure = (node: string, effort: Effort, report: (progress: string) => void) => Promise<NodeResult>;
const measures: Readonly<Record<Suite, Measure>> = { kernel: measureKernel, messages: measureMessages };

/** The program behind `npm run bench`. Results go to stdout, progress and errors to stderr. Exit code 2: it could not run. */

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error: unknown) {
  if (!isTracewrightError(error)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}

async function main(options: BenchOptions): Promise<void> {
  if (options.help) {
    console.log(help);
    return;
  }
  console.error('building');
  build();
  // Before anything is measured: one that does not start must not cost the figures of the others.
  for (const node of options.nodes) await nodeVersion(node);
  const results: NodeResult[] = [];
  for (const node of options.nodes)
    results.push(await measures[options.suite](node, options.effort, (progress) => console.error(progress)));
  const notes = [...results.map(loadedLine), ...results.flatMap(skippedLines)].filter((line) => line !== '');
  console.log(`\n${figureTable(results)}\n\n${timeTable(results)}\n\n${notes.join('\n')}`);
  if (!options.quick) await write(options, results);
}

/** Keeps what was measured and how; nothing that names the machine. */
async function write({ suite, effort, publish }: BenchOptions, results: readonly NodeResult[]): Promise<void> {
  const folder = join(benchFolder, 'results');
  await mkdir(folder, { recursive: true });
  const date = new Date().toISOString().slice(0, 10);
  const about = { suite, date, processor: cpus()[0]?.model ?? 'unknown', processors: cpus().length, effort };
  const files = results.map((result) => [`${suite}-${date}-${result.node}.json`, [result]] as const);
  for (const [name, kept] of publish ? [...files, [`${suite}.json`, results] as const] : files) {
    await writeFile(join(folder, name), `${JSON.stringify({ ...about, results: kept }, rounded, 2)}\n`);
    console.error(`wrote bench/results/${name}`);
  }
}

/** Four digits say more than the noise allows; the rest would only make changes of the file hard to read. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}
