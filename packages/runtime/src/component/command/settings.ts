import { badOption } from '../../kernel/errors.ts';
import { type Address, isSameAddress, requireAddress } from './address.ts';
import type { Said } from './flag.ts';

/** What was asked of a run, checked. */
export interface Settings {
  readonly enable: Names | undefined;
  readonly disable: Names | undefined;
  readonly transport: { readonly origin: string; readonly url: string };
  readonly health: Address | undefined;
  readonly grpcHealth: Address | undefined;
  readonly policy: 'fail-fast' | 'best-effort';
  readonly drainTimeoutMs: number;
  readonly locations: readonly string[] | undefined;
  readonly isStrict: boolean;
  readonly external: readonly string[];
  readonly isDryRun: boolean;
  readonly print: 'text' | 'mermaid';
  readonly format: 'yaml' | 'json' | 'auto';
  /** Where it takes its footprints from a topic. */
  readonly replicaSet: { readonly name: string; readonly control: string | undefined; readonly status: string | undefined } | undefined;
}

/** Names that were given, and where. */
export interface Names {
  readonly origin: string;
  readonly names: readonly string[];
}

/** The last that was said of each flag; arguments come after variables. */
export type LastSaid = (name: string) => Said | undefined;

/** A flag of the command line counts, and that of the environment where there is none. */
export function lastSaid(said: readonly Said[]): LastSaid {
  return (name) => said.findLast(({ flag, by }) => flag.name === name && by === 'argument') ?? said.find(({ flag }) => flag.name === name);
}

/** @throws {TracewrightError} `TW_BAD_OPTION` naming the flag or variable, and what was given */
export function settingsOf(said: readonly Said[]): Settings {
  const last = lastSaid(said);
  const transport = last('transport');
  const seconds = read(last('drain-timeout'), requireSeconds) ?? 20;
  const health = read(last('health'), requireAddress);
  const grpcHealth = read(last('grpc-health'), requireAddress);
  if (health !== undefined && grpcHealth !== undefined && isSameAddress(health, grpcHealth))
    throw badOption(
      last('grpc-health')?.origin ?? '',
      `another address than ${last('health')?.origin}`,
      last('grpc-health')?.values.at(-1),
    );
  return {
    enable: read(last('enable'), namesOf),
    disable: read(last('disable'), namesOf),
    transport: { origin: transport?.origin ?? '--transport', url: transport?.values.at(-1)?.trim() ?? 'memory:' },
    health,
    grpcHealth,
    policy: oneOf(last('policy'), ['fail-fast', 'best-effort']) ?? 'fail-fast',
    drainTimeoutMs: seconds * 1000,
    locations: read(last('location'), namesOf)?.names,
    isStrict: isOn(last('strict')),
    external: read(last('external'), namesOf)?.names ?? [],
    isDryRun: isOn(last('dry-run')),
    print: oneOf(last('print'), ['text', 'mermaid']) ?? 'text',
    format: oneOf(last('format'), ['yaml', 'json', 'auto']) ?? 'auto',
    replicaSet: replicaSetOf(last),
  };
}

function replicaSetOf(last: LastSaid): Settings['replicaSet'] {
  const [name, control, status] = ['replica-set', 'control', 'status'].map((flag) => read(last(flag), requireName));
  if (name !== undefined) return { name, control, status };
  const alone = last('control') ?? last('status');
  if (alone !== undefined) throw badOption('--replica-set', `given where ${alone.origin} is`, undefined);
  return undefined;
}

function requireName(origin: string, text: string): string {
  if (text.trim() === '' || text.includes('/')) throw badOption(origin, "a name without '/'", text);
  return text.trim();
}

/** Whether a switch is on. */
function isOn(said: Said | undefined): boolean {
  return read(said, requireSwitch) ?? false;
}

/** @throws {TracewrightError} `TW_BAD_OPTION` for what is none of `choices` */
export function oneOf<const Choice extends string>(said: Said | undefined, choices: readonly Choice[]): Choice | undefined {
  return read(said, (origin, text) => {
    const chosen = choices.find((choice) => choice === text.trim());
    if (chosen === undefined) throw badOption(origin, choices.join(' or '), text);
    return chosen;
  });
}

function read<T>(said: Said | undefined, convert: (origin: string, text: string) => T): T | undefined {
  if (said === undefined) return undefined;
  // Of a list, every time that it was given counts; of all else the last.
  const text = said.flag.takes === 'list' ? said.values.join(',') : (said.values.at(-1) ?? '');
  return convert(said.origin, text);
}

function namesOf(origin: string, text: string): Names {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw badOption(origin, 'names parted by commas', text);
  return { origin, names: [...new Set(names)] };
}

function requireSeconds(origin: string, text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : 0;
  if (seconds <= 0) throw badOption(origin, 'a number of seconds above 0', text);
  return seconds;
}

function requireSwitch(origin: string, text: string): boolean {
  const isTrue = ['true', '1'].includes(text.trim());
  if (!isTrue && !['false', '0'].includes(text.trim())) throw badOption(origin, 'true or false', text);
  return isTrue;
}
