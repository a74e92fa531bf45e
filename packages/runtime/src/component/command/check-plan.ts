import { TracewrightError } from '../../kernel/errors.ts';
import { claimsOf } from '../claims.ts';
import { requireLocation } from '../may-apply.ts';
import { type Topology, topologyOf } from '../topology/topology.ts';
import type { Log } from './log.ts';
import type { Plan } from './plan.ts';

/**
 * Checks all that can be checked before anything starts: where it is to run, options, and whether the components fit together.
 *
 * @throws {TracewrightError} `TW_ELSEWHERE`, `TW_COMPONENT_OPTIONS`; `TW_TOPOLOGY` where strict checks were asked for; `TW_BAD_OPTION`
 */
export async function checkPlan({ program: { components }, footprint, settings }: Plan, log: Log): Promise<Topology> {
  requireLocation(footprint, settings.locations ?? []);
  await claimsOf(footprint, components);
  const topology = topologyOf(footprint, components, { external: settings.external });
  const { warnings } = topology;
  if (settings.isStrict && warnings.length > 0) {
    const lines = warnings.map(({ message }) => message);
    const message = `the components do not fit together:\n${lines.join('\n')}`;
    throw new TracewrightError('TW_TOPOLOGY', message, { data: { warnings } });
  }
  // A dry run prints them with the rest.
  if (!settings.isDryRun) for (const { message } of warnings) log.warn(message);
  return topology;
}
