import { join } from 'node:path';
import { compiledFolder } from './build.ts';
import type { Compared } from './compare.ts';
import { nodeVersion, runProcess } from './measured-process.ts';
import { findNatsServer, natsServerMissing } from './nats-server.ts';
import { type Effort, joinProcesses, type NodeResult } from './results.ts';

const measureRow = join(compiledFolder, 'messages', 'measure-row.js');
const overNats = '8';
const rows = ['7', overNats];

/**
 * Measures what messages cost on one Node, each row in processes of its own. The row over NATS is skipped where there is no server to start.
 *
 * @param report told what is being measured, for whoever waits
 */
export async function measureMessages(node: string, effort: Effort, report: (progress: string) => void): Promise<NodeResult> {
  const version = await nodeVersion(node);
  const figures: NodeResult['figures'][number][] = [];
  const variants: NodeResult['variants'][number][] = [];
  const skipped: string[] = [];
  for (const row of rows) {
    if (row === overNats && findNatsServer() === undefined) {
      skipped.push(`row ${row} is skipped: ${natsServerMissing}`);
      report(`${version}: ${skipped.at(-1)}`);
      continue;
    }
    const perProcess: Compared[][] = [];
    for (let started = 1; started <= effort.processes; started += 1) {
      report(`${version}: row ${row}, process ${started} of ${effort.processes}`);
      const { output } = await runProcess(node, [measureRow, row, String(effort.rounds), String(effort.messages)]);
      perProcess.push(JSON.parse(output) as Compared[]); // Written by measure-row.ts.
    }
    const joined = joinProcesses(perProcess);
    figures.push(...joined.figures);
    variants.push(...joined.variants);
  }
  return { node: version, figures, variants, loaded: {}, skipped };
}
