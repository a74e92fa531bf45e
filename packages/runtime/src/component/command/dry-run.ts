import type { Topology } from '../topology/topology.ts';
import { renderTopology } from '../topology/render-topology.ts';
import type { Plan } from './plan.ts';
import type { Surroundings } from './program.ts';

/** Prints what would run. All has been checked. */
export function dryRun({ settings }: Plan, topology: Topology, { stdout, stderr }: Surroundings): number {
  stdout.write(`${renderTopology(topology, settings.print).trimEnd()}\n`);
  // In a flowchart they have no place.
  if (settings.print === 'mermaid') for (const { message } of topology.warnings) stderr.write(`warning: ${message}\n`);
  return 0;
}
