import { isPlainObject } from '../../kernel/check.ts';
import type { TracewrightError } from '../../kernel/errors.ts';
import type { Allocation } from '../footprint.ts';
import { instanceOf, known } from './adjust-footprint.ts';
import { type ComponentFlag, optionValueOf } from './component-flags.ts';
import type { Said } from './flag.ts';
import { plainValueOf } from './plain-value.ts';
import { unknownName, wrongUsage } from './wrong-usage.ts';

/** One option that was given beside the footprint. */
export interface Override {
  /** `--till.greeting`, `--set till.greeting`, or a variable. */
  readonly origin: string;
  isFor(allocation: Allocation): boolean;
  /** Other options, with this one among them. */
  applyTo(options: unknown): unknown;
}

/**
 * The options that were given beside the footprint, so that what comes later counts more: first variables, then arguments; of each, flags of components, then `--set` for
 * components, then `--set` for instances.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION`, without the values: they may be secrets
 */
export function overridesOf(
  said: readonly Said[],
  flags: readonly ComponentFlag[],
  allocations: readonly Allocation[],
): readonly Override[] {
  return (['variable', 'argument'] as const).flatMap((by) => {
    const given = said.filter((each) => each.by === by);
    const sets = given.filter(({ flag }) => flag.name === 'set').flatMap((each) => setsOf(each, allocations));
    return [
      ...given.flatMap((each) => flagOverride(each, flags)),
      ...sets.filter(({ isForInstance }) => !isForInstance),
      ...sets.filter(({ isForInstance }) => isForInstance),
    ];
  });
}

function flagOverride({ flag: { name }, origin, values }: Said, flags: readonly ComponentFlag[]): readonly Override[] {
  const flag = flags.find((each) => each.name === name);
  if (flag === undefined) return [];
  const value = optionValueOf(flag, origin, values.at(-1) ?? '');
  const { component, shape } = flag;
  return [
    {
      origin,
      isFor: (allocation) => allocation.component === component,
      applyTo: (options) => put(origin, options, { path: [shape.name], value }),
    },
  ];
}

interface SetOverride extends Override {
  readonly isForInstance: boolean;
}

function setsOf({ by, origin, values }: Said, allocations: readonly Allocation[]): readonly SetOverride[] {
  if (by === 'argument' || values.length === 1) return values.map((text) => setOf({ given: origin, text, isShown: true }, allocations));
  return values.flatMap((text, index) =>
    // What follows a break may be the rest of a value: nothing of it is shown.
    text.trim() === '' ? [] : [setOf({ given: `${origin}, line ${index + 1},`, text, isShown: false }, allocations)],
  );
}

interface SetText {
  /** Where it was given, for errors. */
  readonly given: string;
  readonly text: string;
  /** Whether errors may show what stands before the sign. */
  readonly isShown: boolean;
}

function setOf({ given, text, isShown }: SetText, allocations: readonly Allocation[]): SetOverride {
  const at = text.indexOf('=');
  // What stands before the sign is no value; without one, nobody knows.
  if (at < 0) throw wrongUsage(given, `${given} must be name.option=value: there is no '=' in it`);
  const key = text.slice(0, at).trim();
  const target = targetOf(key, allocations);
  const path = key.slice((target?.name.length ?? 0) + 1).split('.');
  if (target === undefined || path.some((part) => part === '')) {
    if (isShown) throw notThere(given, key, allocations);
    throw wrongUsage(
      given,
      `${given} must begin with an instance or a component, and an option of it: there are ${known(allocations).join(', ')}`,
    );
  }
  const origin = isShown ? `${given} ${key}` : given;
  const typed = text.slice(at + 1);
  const value = typed === '' ? '' : plainValueOf(origin, typed);
  return {
    origin,
    isForInstance: target.isInstance,
    isFor: (allocation) => (target.isInstance ? instanceOf(allocation) : allocation.component) === target.name,
    applyTo: (options) => put(origin, options, { path, value }),
  };
}

interface Target {
  readonly name: string;
  readonly isInstance: boolean;
}

/** Whom a key is for: the longest name that it begins with, as names of instances may have dots; an instance before a component. */
function targetOf(key: string, allocations: readonly Allocation[]): Target | undefined {
  const instances = allocations.map(instanceOf);
  return known(allocations)
    .filter((name) => key.startsWith(`${name}.`))
    .toSorted((one, other) => other.length - one.length)
    .map((name) => ({ name, isInstance: instances.includes(name) }))[0];
}

function notThere(given: string, key: string, allocations: readonly Allocation[]): TracewrightError {
  const [name = '', ...path] = key.split('.');
  const names = known(allocations);
  if (names.includes(name) || path.length === 0)
    return wrongUsage(given, `${given} ${key}: name an option, as ${names[0] ?? 'name'}.option=value`);
  return wrongUsage(given, `${given} ${key}: ${unknownName(name, names)}`);
}

interface Put {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** A copy with `value` at `path`; nothing of what was given is changed. */
function put(origin: string, given: unknown, { path: [key = '', ...rest], value }: Put): unknown {
  const members = given === undefined || given === null ? {} : given;
  if (!isPlainObject(members)) throw wrongUsage(origin, `${origin} cannot be set: the footprint has something there that is no object`);
  const member = Object.hasOwn(members, key) ? members[key] : undefined;
  const next = rest.length === 0 ? value : put(origin, member, { path: rest, value });
  // Not as a literal: a key may be `__proto__`.
  return Object.fromEntries([...Object.entries(members).filter(([name]) => name !== key), [key, next]]);
}
