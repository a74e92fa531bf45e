import { TracewrightError } from '../../kernel/errors.ts';
import type { Footprint } from '../footprint.ts';
import { parseFootprint } from '../footprint/parse-footprint.ts';
import { requireFootprint } from '../require-footprint.ts';
import { adjustFootprint } from './adjust-footprint.ts';
import { type ComponentFlag, componentFlags } from './component-flags.ts';
import { checkPlan } from './check-plan.ts';
import { dryRun } from './dry-run.ts';
import { type Flag, type Said, saidByVariables } from './flag.ts';
import { readFootprint } from './footprint-source.ts';
import type { EndedProgram } from './linger.ts';
import { earlyLog, type Log, logOf } from './log.ts';
import { bearBrokenPipes } from './broken-pipes.ts';
import { notesOf } from './notes.ts';
import { overridesOf } from './override.ts';
import type { Plan } from './plan.ts';
import type { Program, Surroundings } from './program.ts';
import { readArguments, type Usage } from './read-arguments.ts';
import { refuse } from './refusal.ts';
import { runFlags } from './run-flags.ts';
import { runPlan } from './run-plan.ts';
import { requireReplicaSettings, runReplica } from './run-replica.ts';
import { lastSaid, type Settings, settingsOf } from './settings.ts';
import { shown } from '../topology/shown.ts';
import { ownSchemes, requireTransportUrl, type TransportUrl } from './transport-url.ts';
import { warnOfVariables } from './warn-of-variables.ts';

/** How a program is called, as far as it does not follow from what it is. */
export interface Call {
  readonly usage: Pick<Usage, 'program' | 'command'>;
  /** Flags beside those of any run. */
  readonly flags: readonly Flag[];
  readonly args: readonly string[];
  /** Why help is not complete. */
  readonly gap?: string | undefined;
}

/** Does what the arguments and the environment say. Resolves with the exit code; what is wrong is told on `stderr`. */
export async function runProgram(program: Program, call: Call, surroundings: Surroundings): Promise<EndedProgram> {
  const { env, stdout, stderr } = surroundings;
  bearBrokenPipes([stdout, stderr]);
  const { usage, flags, args, gap } = call;
  const ofRun = [...flags, ...runFlags];
  const ofComponents = componentFlags(program.components, ofRun);
  const all = [...ofRun, ...ofComponents];
  const footprint = program.footprint === undefined ? 'required' : 'optional';
  const called = { ...usage, version: program.version, footprint, flags: all, notes: notesOf(program, gap) } as const;
  let said = saidByVariables(all, env);
  const log = (): Log => earlyLog(lastSaid(said), { output: stderr, env });
  const ended = (exitCode: number): EndedProgram => ({ exitCode, warn: (message) => log().warn(message) });
  try {
    const given = await readArguments(called, args, surroundings);
    if ('exitCode' in given) return ended(given.exitCode);
    said = [...said, ...given.said];
    return ended(await carryOut(program, { said, all, ofComponents, path: given.footprint }, surroundings));
  } catch (error) {
    const { format, isDebug } = log();
    return ended(refuse(error, { stderr, format, isDebug }));
  }
}

interface Order {
  readonly said: readonly Said[];
  readonly all: readonly Flag[];
  readonly ofComponents: readonly ComponentFlag[];
  /** Of the footprint. */
  readonly path: string | undefined;
}

async function carryOut(program: Program, { said, all, ofComponents, path }: Order, surroundings: Surroundings): Promise<number> {
  const { env, stderr } = surroundings;
  const log = logOf(lastSaid(said), { output: stderr, env });
  warnOfVariables(env, all, log);
  const settings = settingsOf(said);
  const { replicaSet } = settings;
  if (replicaSet !== undefined) {
    requireReplicaSettings(settings, path);
    return await runReplica({ program, settings, replicaSet, transport: transportIn(program, settings) }, surroundings, log);
  }
  const plan = await planOf(program, { settings, said, ofComponents, path, surroundings, log });
  const topology = await checkPlan(plan, log);
  return await (settings.isDryRun ? dryRun(plan, topology, surroundings) : runPlan(plan, surroundings, log));
}

interface Asked {
  readonly settings: Settings;
  readonly said: readonly Said[];
  readonly ofComponents: readonly ComponentFlag[];
  readonly path: string | undefined;
  readonly surroundings: Surroundings;
  readonly log: Log;
}

function transportIn({ transports }: Program, { transport: { origin, url } }: Settings): TransportUrl {
  return requireTransportUrl(origin, url, [...ownSchemes, ...Object.keys(transports)]);
}

async function planOf(program: Program, { settings, said, ofComponents, path, surroundings, log }: Asked): Promise<Plan> {
  const transport = transportIn(program, settings);
  const footprint = await footprintOf(program, path, { surroundings, format: settings.format });
  const overrides = overridesOf(said, ofComponents, footprint.allocations);
  const adjusted = adjustFootprint(footprint, { enable: settings.enable, disable: settings.disable, overrides });
  if (adjusted.leftOut.length > 0) log.info(`left out: ${adjusted.leftOut.map(shown).join(', ')}`);
  for (const option of adjusted.idle) log.warn(`${option} changes nothing: its component is not in the footprint`);
  return { program, footprint: adjusted.footprint, settings, transport };
}

async function footprintOf(
  { footprint }: Program,
  path: string | undefined,
  { surroundings, format }: { readonly surroundings: Surroundings; readonly format: 'yaml' | 'json' | 'auto' },
): Promise<Footprint> {
  if (path !== undefined) return await readFootprint(path, surroundings.stdin, format);
  if (footprint === undefined) {
    const message =
      'no footprint is given: name a file in YAML or JSON, or - for standard input (or --replica-set, and they come from a topic)';
    throw new TracewrightError('TW_BAD_OPTION', message, { data: { option: 'footprint' } });
  }
  if (footprint !== undefined && 'text' in footprint) return parseFootprint(footprint.text, { source: footprint.source });
  return requireFootprint(footprint);
}
