import { version } from '../../kernel/version.ts';
import type { Component } from '../component.ts';
import { loadComponents } from './component-module.ts';
import { readText } from './footprint-source.ts';
import { peekArguments } from './plain-arguments.ts';
import type { Surroundings } from './program.ts';
import { refuse } from './refusal.ts';
import { componentsFlag, runFlags } from './run-flags.ts';
import { runProgram } from './run-program.ts';

const flags = [componentsFlag];

/**
 * The command `tracewright`. Its flags are known only once the components are: what the arguments say about those is looked for first.
 *
 * @param args without Node and the script
 */
export async function runCommand(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { env, stderr } = surroundings;
  const isRun = args[0] === 'run';
  const { values, footprint, isSure } = peekArguments(isRun ? args.slice(1) : [], [...flags, ...runFlags]);
  const module = values.get('components') ?? (env['TRACEWRIGHT_COMPONENTS']?.trim() || undefined);
  const isHelp = args.includes('--help');
  let components: readonly Component[] = [];
  const isReplica = values.has('replica-set') || env['TRACEWRIGHT_REPLICA_SET'] !== undefined;
  // Without a footprint, there is nothing to run: that is told later.
  if (isRun && (module !== undefined || footprint !== undefined || isReplica)) {
    try {
      // Before anything is looked for beside it.
      if (isSure && footprint !== undefined && footprint !== '-') await readText(footprint);
      components = await loadComponents(module, footprint ?? (isReplica ? '-' : undefined));
    } catch (error) {
      const isDebug = (values.get('log-level') ?? env['TRACEWRIGHT_LOG_LEVEL']) === 'debug';
      const format = (values.get('log-format') ?? env['TRACEWRIGHT_LOG_FORMAT']) === 'json' ? 'json' : 'text';
      // Who asks for help may have nothing to run yet.
      if (!isHelp) return refuse(error, { stderr, format, isDebug });
    }
  }
  const program = { name: undefined, version, components, footprint: undefined, transports: {} };
  return await runProgram(program, { usage: { program: 'tracewright', command: 'run' }, flags, args }, surroundings);
}
