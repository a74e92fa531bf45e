import { join } from 'node:path';
import { compiledFolder } from './build.ts';
import { runProcess } from './measured-process.ts';
import type { Effort, Figure } from './results.ts';
import { spreadOf } from './statistics.ts';

const program = join(compiledFolder, 'kernel', 'measure-timers.js');

/** What one run of the program found. */
interface Found {
  readonly heldMegabytes: number;
  readonly aloneNs: number;
  readonly besideNs: number;
}

/** What time-outs leave in memory, and what they cost beside many that are waiting: one process each, as often as the other rows. */
export async function timers(node: string, { processes, sampleMs }: Effort): Promise<Figure[]> {
  // A quick run only shows that everything works.
  const operations = sampleMs < 50 ? 20_000 : 1_000_000;
  const found: Found[] = [];
  for (let started = 0; started < processes; started += 1) {
    const { output } = await runProcess(node, ['--expose-gc', program, String(operations)]);
    found.push(JSON.parse(output) as Found); // Written by measure-timers.ts.
  }
  const heap = spreadOf(found.map(({ heldMegabytes }) => heldMegabytes));
  const beside = spreadOf(found.map(({ aloneNs, besideNs }) => besideNs / aloneNs));
  return [
    { figure: 'time-outs, heap', of: `${operations} operations under one signal`, to: 'before', unit: 'MB', value: heap },
    { figure: 'time-outs, live', of: 'op(x) beside 100000 that wait', to: 'op(x)', unit: 'ratio', value: beside },
  ];
}
