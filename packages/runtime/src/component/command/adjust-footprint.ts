import type { Allocation, Footprint } from '../footprint.ts';
import type { Override } from './override.ts';
import type { Names } from './settings.ts';
import { unknownName, wrongUsage } from './wrong-usage.ts';

/** What was asked for beside the footprint. */
export interface Wishes {
  readonly enable: Names | undefined;
  readonly disable: Names | undefined;
  /** What comes later counts more. */
  readonly overrides: readonly Override[];
}

export interface AdjustedFootprint {
  readonly footprint: Footprint;
  /** Instances that are not started. */
  readonly leftOut: readonly string[];
  /** Where options were given, by an argument, for components that are not in the footprint. */
  readonly idle: readonly string[];
}

/**
 * A footprint as the command line and the environment want it: fewer instances, other options.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for a name that is not there, options that cannot be set, or where nothing is left
 */
export function adjustFootprint(footprint: Footprint, { enable, disable, overrides }: Wishes): AdjustedFootprint {
  const { allocations } = footprint;
  for (const names of [enable, disable]) requireThere(names, allocations);
  const isKept = (allocation: Allocation): boolean =>
    (enable === undefined || isNamed(allocation, enable)) && !(disable !== undefined && isNamed(allocation, disable));
  const kept = allocations.filter(isKept);
  if (kept.length === 0) {
    const origins = [enable?.origin, disable?.origin].filter((origin) => origin !== undefined).join(' and ');
    const leave = enable !== undefined && disable !== undefined ? 'leave' : 'leaves';
    throw wrongUsage(origins, `${origins} ${leave} nothing to start: there are ${known(allocations).join(', ')}`);
  }
  const idle = overrides.flatMap((override) =>
    allocations.some((allocation) => override.isFor(allocation)) || !override.origin.startsWith('--') ? [] : [override.origin],
  );
  return {
    footprint: { ...footprint, allocations: kept.map((allocation) => overridden(allocation, overrides)) },
    leftOut: allocations.filter((allocation) => !isKept(allocation)).map(instanceOf),
    idle: [...new Set(idle)],
  };
}

export function instanceOf({ component, instance = component }: Allocation): string {
  return instance;
}

/** The names that allocations go by: of instances, and of components. */
export function known(allocations: readonly Allocation[]): readonly string[] {
  return [...new Set(allocations.flatMap((allocation) => [instanceOf(allocation), allocation.component]))];
}

function isNamed(allocation: Allocation, { names }: Names): boolean {
  return names.includes(instanceOf(allocation)) || names.includes(allocation.component);
}

function requireThere(given: Names | undefined, allocations: readonly Allocation[]): void {
  const names = known(allocations);
  for (const name of given?.names ?? []) {
    if (names.includes(name)) continue;
    throw wrongUsage(given?.origin ?? '', `${given?.origin}: ${unknownName(name, names)}`);
  }
}

function overridden(allocation: Allocation, overrides: readonly Override[]): Allocation {
  const wanted = overrides.filter((override) => override.isFor(allocation));
  if (wanted.length === 0) return allocation;
  return { ...allocation, options: wanted.reduce<unknown>((options, override) => override.applyTo(options), allocation.options) };
}
