import { basename, extname } from 'node:path';
import { requireFunction, requireKnownKeys, requirePlainObject, requirePositive, requireText } from '../../kernel/check.ts';
import { badOption } from '../../kernel/errors.ts';
import type { SignalSource } from '../../lifecycle/signal-options.ts';
import { type Component, requireComponent } from '../component.ts';
import type { Footprint } from '../footprint.ts';
import type { Environment } from './flag.ts';
import type { FootprintText, Input } from './footprint-source.ts';
import type { Output } from './output.ts';
import type { TransportFactories } from './program.ts';

export interface MainOptions {
  /** All that a footprint may name. */
  readonly components: readonly Component[];
  /** As help and telemetry call the program. Default: the name of the file that was started, and for telemetry that of the footprint. */
  readonly name?: string | undefined;
  /** What `--version` prints, and `service.version` of telemetry. */
  readonly version?: string | undefined;
  /** What runs where the command line names no file. Default: it must name one. */
  readonly footprint?: Footprint | FootprintText | undefined;
  /** Transports of the program's own, by the scheme of their addresses, in small letters: `{ amqp: (url) => amqp(url) }`. */
  readonly transports?: TransportFactories | undefined;
  /** As `process.argv`, which is the default: the first two are skipped. */
  readonly argv?: readonly string[] | undefined;
  /** Default `process.env`. Some standard variables are read from the process alone: those of the content policy, and of exporters. */
  readonly env?: Environment | undefined;
  readonly stdin?: Input | undefined;
  readonly stdout?: Output | undefined;
  readonly stderr?: Output | undefined;
  /** Where signals come from. Default: this process. Given one, a program does not end the process that it runs in. */
  readonly process?: SignalSource | undefined;
  /** How long something else may keep the process alive when all has ended, in milliseconds; then it is named in a warning, and the process is ended. `false`: for ever. Default 1000. */
  readonly lingerMs?: number | false | undefined;
}

const known = [
  'components',
  'name',
  'version',
  'footprint',
  'transports',
  'argv',
  'env',
  'stdin',
  'stdout',
  'stderr',
  'process',
  'lingerMs',
];

/**
 * Makes a program of components: it runs a footprint as the command line and the environment say, until all has ended or a signal asks for the end, and sets
 * `process.exitCode`: 0 where it ended well, 1 where it failed, 2 for wrong usage. `--help` shows what can be said, with a flag for each option of each component.
 *
 * Resolves when all has ended and telemetry is sent. A process that nothing keeps alive ends then; one that a timer or a socket of a component keeps alive is ended after
 * `lingerMs`, with a warning that says what it was. Whoever has more to do after `main` says `lingerMs: false`, and ends it himself.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for a wrong option of these here. What is wrong with the command line is told on `stderr`
 * @example
 * await main({ name: 'shop', components: [till, ledger], footprint: { text, source: 'shop.yaml' } });
 */
export async function main(options: MainOptions): Promise<void> {
  requireMainOptions(options);
  const { components, name, version, footprint, transports = {}, argv = process.argv } = options;
  const { lingerMs = 1000, env = process.env, stdin = process.stdin, stdout = process.stdout, stderr = process.stderr } = options;
  // Everything below is loaded by programs alone, and not by whoever imports `tracewright/component`.
  const [{ runProgram }, { runAsProcess }] = await Promise.all([import('./run-program.ts'), import('./linger.ts')]);
  const called = argv[1] === undefined ? 'program' : basename(argv[1], extname(argv[1]));
  const program = { name, version, components, footprint, transports };
  const call = { usage: { program: name ?? called, command: undefined }, flags: [], args: argv.slice(2) };
  await runAsProcess(options.process === undefined ? lingerMs : false, () =>
    runProgram(program, call, { env, stdin, stdout, stderr, process: options.process ?? process }),
  );
}

function requireMainOptions(options: MainOptions): void {
  requireKnownKeys('main', requirePlainObject('main', options), known);
  const { components, name, version, footprint, transports, argv, lingerMs } = options;
  if (!Array.isArray(components) || components.length === 0)
    throw badOption('main.components', 'an array of at least one component', components);
  const names = components.map((component, index) => requireComponent(`main.components[${index}]`, component).name);
  if (new Set(names).size < names.length) throw badOption('main.components', 'without two of the same name', names);
  if (name !== undefined) requireText('main.name', name);
  if (version !== undefined) requireText('main.version', version);
  if (footprint !== undefined) requirePlainObject('main.footprint', footprint);
  for (const [scheme, factory] of Object.entries(transports === undefined ? {} : requirePlainObject('main.transports', transports))) {
    if (!/^[a-z][a-z\d+.-]*$/.test(scheme)) throw badOption('main.transports', 'schemes of URLs in small letters', scheme);
    requireFunction(`main.transports.${scheme}`, factory);
  }
  if (lingerMs !== undefined && lingerMs !== false) requirePositive('main.lingerMs', lingerMs);
  if (argv !== undefined && !Array.isArray(argv)) throw badOption('main.argv', 'an array as process.argv', argv);
}
