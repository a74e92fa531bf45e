import type { Command, CommanderError } from 'commander';
import type { Flag, Said } from './flag.ts';
import type { Output } from './output.ts';
import { plainText } from './plain-text.ts';
import { plainArguments } from './plain-arguments.ts';

/** How a program is called. */
export interface Usage {
  /** Of the program, as people type it. */
  readonly program: string;
  readonly version: string | undefined;
  /** Of what runs: a command of the program, or the program itself. */
  readonly command: 'run' | undefined;
  readonly footprint: 'required' | 'optional';
  readonly flags: readonly Flag[];
  /** Below all flags. */
  readonly notes: string;
}

/** What was typed, or with which exit code there is nothing more to do: help was printed, or what is wrong. */
export type Arguments = { readonly footprint: string | undefined; readonly said: readonly Said[] } | { readonly exitCode: number };

/** Reads the arguments of a program. What is wrong is told on `stderr`. */
export async function readArguments(
  usage: Usage,
  args: readonly string[],
  outputs: { stdout: Output; stderr: Output },
): Promise<Arguments> {
  const { Command, CommanderError, Option } = await import('commander');
  const values = new Map<Flag, string[]>();
  const found: { isRun: boolean; footprint: string | undefined } = { isRun: false, footprint: undefined };
  const root = withOutputs(new Command(usage.program), outputs);
  if (usage.command !== undefined) root.description('Runs components that handle messages.').enablePositionalOptions();
  const command = usage.command === undefined ? root : root.command(usage.command);
  if (usage.version !== undefined)
    for (const each of new Set([root, command])) each.version(usage.version, '--version', 'print the version');
  describe(command, usage);
  for (const flag of usage.flags) {
    const collect = (value: string): void => void values.set(flag, [...(values.get(flag) ?? []), value]);
    const option = new Option(
      flag.takes === 'switch' ? `--${flag.name}` : `--${flag.name} <${flag.argument ?? 'value'}>`,
      flag.description,
    );
    if (flag.group !== undefined) option.helpGroup(flag.group);
    command.addOption(option);
    // Not by the parser of the option: its values would be kept by names in which dots and hyphens mean something.
    command.on(`option:${flag.name}`, (value: unknown) => collect(typeof value === 'string' ? value : 'true'));
    if (flag.takes !== 'switch') continue;
    command.addOption(new Option(`--no-${flag.name}`).hideHelp());
    command.on(`option:no-${flag.name}`, () => collect('false'));
  }
  command.action((footprint: unknown) => {
    found.isRun = true;
    found.footprint = typeof footprint === 'string' ? footprint : undefined;
  });
  try {
    await root.parseAsync(plainArguments(args, usage.flags), { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return { exitCode: exitCodeOf(error) };
    throw error;
  }
  if (!found.isRun) return { exitCode: 0 };
  const said = [...values].map(([flag, given]) => ({ flag, origin: `--${flag.name}`, by: 'argument' as const, values: given }));
  return { footprint: found.footprint, said };
}

function describe(command: Command, { footprint, notes }: Usage): void {
  command
    .description('Starts the components of a footprint, and runs until they have ended or a signal asks for the end.')
    .argument(
      // Not asked for by the parser: where footprints come from a topic, there is none.
      '[footprint]',
      footprint === 'required'
        ? 'a file in YAML or JSON; - reads standard input'
        : 'a file in YAML or JSON in place of the built-in one; - reads standard input',
    )
    .allowExcessArguments(false)
    .addHelpText('after', `\n${notes}`);
}

function withOutputs(root: Command, { stdout, stderr }: { stdout: Output; stderr: Output }): Command {
  return root
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
    .helpOption('-h, --help', 'print this help')
    .configureOutput({
      writeOut: (text) => void stdout.write(plainText(text)),
      writeErr: (text) => void stderr.write(plainText(text)),
      getOutHelpWidth: () => Math.min(stdout.columns ?? 100, 120),
      getErrHelpWidth: () => Math.min(stderr.columns ?? 100, 120),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

/** Help and version were asked for; everything else is wrong usage, also a program that was called without a command. */
function exitCodeOf({ code }: CommanderError): number {
  return code === 'commander.helpDisplayed' || code === 'commander.version' ? 0 : 2;
}
