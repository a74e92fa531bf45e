import { badSecretOption } from '../../kernel/errors.ts';
import type { Flag } from './flag.ts';

/**
 * Arguments as the parser takes them: `--strict=false` becomes `--no-strict`, and a flag that nobody knows is cut where its name ends, so that no message shows a value: it
 * may be a secret with a slip before it.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for a switch with another value
 */
export function plainArguments(args: readonly string[], flags: readonly Flag[]): readonly string[] {
  const known = new Map(flags.map((flag) => [`--${flag.name}`, flag]));
  const plain: string[] = [];
  let isValue = false;
  for (const [index, argument] of args.entries()) {
    if (argument === '--' && !isValue) return [...plain, ...args.slice(index)];
    plain.push(isValue ? argument : plainArgument(argument, known));
    const flag = known.get(argument);
    isValue = !isValue && flag !== undefined && flag.takes !== 'switch';
  }
  return plain;
}

function plainArgument(argument: string, known: ReadonlyMap<string, Flag>): string {
  const [, name = argument, value] = /^(--[^=]+)=(.*)$/s.exec(argument) ?? [];
  const flag = known.get(name);
  if (flag === undefined) return nameIn(name);
  if (value === undefined) return argument;
  if (flag.takes !== 'switch') return argument;
  if (value === 'true' || value === '1') return name;
  if (value === 'false' || value === '0') return `--no-${flag.name}`;
  throw badSecretOption(name, 'true or false', value);
}

/** What no flag is called stays recognisable, and unknown: `--till.bankKey…` of `--till.bankKey:hunter2`. */
function nameIn(argument: string): string {
  if (!argument.startsWith('-') || ['-', '-h', '--'].includes(argument)) return argument;
  const name = /^--[\w.-]*/.exec(argument)?.[0] ?? argument.slice(0, 2);
  return name === argument ? argument : `${name}…`;
}

/** What can be known of arguments whose flags are not all known yet. */
export interface Peeked {
  readonly values: ReadonlyMap<string, string>;
  readonly footprint: string | undefined;
  /** Whether it can be nothing else. */
  readonly isSure: boolean;
}

/**
 * Looks for the values of `flags` and for the footprint among arguments of which the rest is not known yet. What follows an unknown flag may be its value: it is taken for
 * the footprint only where nothing else can be.
 */
export function peekArguments(args: readonly string[], flags: readonly Flag[]): Peeked {
  const known = new Map(flags.map((flag) => [`--${flag.name}`, flag]));
  const values = new Map<string, string>();
  const sure: string[] = [];
  const possible: string[] = [];
  let before: 'nothing' | 'unknown' | Flag = 'nothing';
  for (const argument of args) {
    if (typeof before === 'object') values.set(before.name, argument);
    else if (argument === '-' || !argument.startsWith('-')) (before === 'unknown' ? possible : sure).push(argument);
    if (typeof before === 'object') {
      before = 'nothing';
      continue;
    }
    const [, name = argument, value] = /^(--[^=]+)=(.*)$/s.exec(argument) ?? [];
    const flag = known.get(name);
    if (value !== undefined && flag !== undefined) values.set(flag.name, value);
    before = followedBy(argument, flag, value !== undefined);
  }
  const [footprint = possible.findLast((each) => /\.(?:ya?ml|json)$/i.test(each)) ?? possible.at(-1)] = sure;
  return { values, footprint, isSure: sure.length > 0 };
}

/** Whether the next argument belongs to this one. */
function followedBy(argument: string, flag: Flag | undefined, hasValue: boolean): 'nothing' | 'unknown' | Flag {
  if (hasValue || argument === '-' || argument === '--' || !argument.startsWith('-')) return 'nothing';
  if (flag === undefined) return argument.startsWith('--no-') || ['-h', '--help', '--version'].includes(argument) ? 'nothing' : 'unknown';
  return flag.takes === 'switch' ? 'nothing' : flag;
}
