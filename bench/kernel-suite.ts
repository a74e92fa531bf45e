import { join } from 'node:path';
import { compiledFolder } from './build.ts';
import { timers } from './timers.ts';
import { coldImport, loadedModules } from './cold-import.ts';
import type { Compared } from './compare.ts';
import { nodeVersion, runProcess } from './measured-process.ts';
import { type Effort, joinProcesses, type NodeResult } from './results.ts';

const rows = ['1', '2', '3', '4', '5', '6', '10', '11'];
const measureRow = join(compiledFolder, 'kernel', 'measure-row.js');

/**
 * Measures the kernel on one Node: each row in processes of its own, so that no row warms or spoils another's code, and then the cold import.
 *
 * @param report told what is being measured, for whoever waits
 */
export async function measureKernel(node: string, effort: Effort, report: (progress: string) => void): Promise<NodeResult> {
  const version = await nodeVersion(node);
  const figures: NodeResult['figures'][number][] = [];
  const variants: NodeResult['variants'][number][] = [];
  for (const row of rows) {
    const perProcess: Compared[][] = [];
    for (let started = 1; started <= effort.processes; started += 1) {
      report(`${version}: row ${row}, process ${started} of ${effort.processes}`);
      const { output } = await runProcess(node, [measureRow, row, String(effort.rounds), String(effort.sampleMs)]);
      perProcess.push(JSON.parse(output) as Compared[]); // Written by measure-row.ts.
    }
    const joined = joinProcesses(perProcess);
    figures.push(...joined.figures);
    variants.push(...joined.variants);
  }
  report(`${version}: timers`);
  figures.push(...(await timers(node, effort)));
  report(`${version}: row 17, ${effort.spawns} starts of each program`);
  figures.push(...(await coldImport(node, effort.spawns)));
  return { node: version, figures, variants, loaded: await loadedModules(node) };
}
