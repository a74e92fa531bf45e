import { version } from '../../kernel/version.ts';
import type { Component } from '../component.ts';
import { loadComponents } from './component-module.ts';
import { readText } from './footprint-source.ts';
import { peekArguments } from './plain-arguments.ts';
import type { Surroundings } from './program.ts';
import { type Said, saidByVariables } from './flag.ts';
import type { EndedProgram } from './linger.ts';
import { earlyLog } from './log.ts';
import { refuse } from './refusal.ts';
import { said as textOf } from './said-by-errors.ts';
import { lastSaid } from './settings.ts';
import { componentsFlag, runFlags } from './run-flags.ts';
import { runProgram } from './run-program.ts';

const flags = [componentsFlag];

/**
 * The command `tracewright`. Its flags are known only once the components are: what the arguments say about those is looked for first.
 *
 * @param args without Node and the script
 */
export async function runCommand(args: readonly string[], surroundings: Surroundings): Promise<EndedProgram> {
  const { env, stderr } = surroundings;
  const isRun = args[0] === 'run';
  const { values, footprint, isSure } = peekArguments(isRun ? args.slice(1) : [], [...flags, ...runFlags]);
  const module = values.get('components') ?? (env['TRACEWRIGHT_COMPONENTS']?.trim() || undefined);
  const isHelp = ['-h', '--help', '--version'].some((flag) => args.includes(flag));
  let components: readonly Component[] = [];
  let gap: string | undefined;
  const isReplica = values.has('replica-set') || env['TRACEWRIGHT_REPLICA_SET'] !== undefined;
  // Without a footprint, there is nothing to run: that is told later.
  if (isRun && (module !== undefined || footprint !== undefined || isReplica)) {
    try {
      // Before anything is looked for beside it.
      if (isSure && footprint !== undefined && footprint !== '-') await readText(footprint);
      components = await loadComponents(module, footprint ?? (isReplica ? '-' : undefined));
    } catch (error) {
      const log = earlyLog(lastSaid([...saidByVariables(runFlags, env), ...saidByArguments(values)]), { output: stderr, env });
      if (!isHelp) return { exitCode: refuse(error, { stderr, format: log.format, isDebug: log.isDebug }), warn: log.warn };
      // Who asks for help may have nothing to run yet.
      gap = textOf(error);
    }
  }
  const program = { name: undefined, version, components, footprint: undefined, transports: {} };
  return await runProgram(program, { usage: { program: 'tracewright', command: 'run' }, flags, args, gap }, surroundings);
}

function saidByArguments(values: ReadonlyMap<string, string>): readonly Said[] {
  return runFlags.flatMap((flag) => {
    const value = values.get(flag.name);
    return value === undefined ? [] : [{ flag, origin: `--${flag.name}`, by: 'argument' as const, values: [value] }];
  });
}
