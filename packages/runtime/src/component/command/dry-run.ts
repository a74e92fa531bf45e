import type { Topology } from '../topology/topology.ts';
import { renderTopology } from '../topology/render-topology.ts';
import type { Plan } from './plan.ts';
import type { Surroundings } from './program.ts';
import { requireProbes } from './serve-probes.ts';
import { requireTransport } from './transport-of.ts';

/**
 * Prints what would run. The footprint has been checked; what a run needs around it is tried here, and nothing is connected.
 *
 * @throws {TracewrightError} as a run would before it starts: `TW_BAD_OPTION`, `TW_LISTEN`
 */
export async function dryRun({ settings, transport, program }: Plan, topology: Topology, surroundings: Surroundings): Promise<number> {
  const { env, stdout, stderr } = surroundings;
  await requireProbes(settings);
  await requireTransport(transport, env, program.transports);
  stdout.write(`${renderTopology(topology, settings.print).trimEnd()}\n`);
  // In a flowchart they have no place.
  if (settings.print === 'mermaid') for (const { message } of topology.warnings) stderr.write(`warning: ${message}\n`);
  return 0;
}
