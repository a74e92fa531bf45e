import { badOption } from '../../kernel/errors.ts';
import { joinReplicaSet } from '../control/replica-set.ts';
import type { Log } from './log.ts';
import type { Program, Surroundings } from './program.ts';
import { runFromStartToEnd } from './run-plan.ts';
import type { Settings } from './settings.ts';
import type { TransportUrl } from './transport-url.ts';

/** A program that takes its footprints from a topic. */
export interface ReplicaPlan {
  readonly program: Program;
  readonly settings: Settings;
  readonly replicaSet: NonNullable<Settings['replicaSet']>;
  readonly transport: TransportUrl;
}

/** Runs until a signal asks for the end. Resolves with the exit code when all has ended. */
export async function runReplica(
  { program, settings, replicaSet, transport }: ReplicaPlan,
  surroundings: Surroundings,
  log: Log,
): Promise<number> {
  const { components } = program;
  const { name, control, status } = replicaSet;
  const { policy, drainTimeoutMs, locations = [] } = settings;
  return await runFromStartToEnd(
    {
      program,
      settings,
      transport,
      name,
      start: (runtime, over) =>
        joinReplicaSet({ name, control, status, runtime, components, transport: over, policy, drainTimeoutMs, locations }),
      boot: { message: `a replica of ${name} is starting`, fields: { components: components.map((component) => component.name) } },
    },
    surroundings,
    log,
  );
}

/** @throws {TracewrightError} `TW_BAD_OPTION` for what means nothing where footprints come from a topic */
export function requireReplicaSettings({ enable, disable, isDryRun, isStrict }: Settings, path: string | undefined): void {
  const wrong = {
    'a footprint': path,
    '--enable': enable,
    '--disable': disable,
    '--dry-run': isDryRun || undefined,
    '--strict': isStrict || undefined,
  };
  for (const [what, given] of Object.entries(wrong))
    if (given !== undefined) throw badOption('--replica-set', `given without ${what}: footprints come from a topic`, undefined);
}
