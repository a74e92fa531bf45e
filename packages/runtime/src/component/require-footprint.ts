import { isPlainObject, requireKnownKeys, requirePlainObject, requireText } from '../kernel/check.ts';
import { badOption, badSecretOption } from '../kernel/errors.ts';
import type { Footprint } from './footprint.ts';

/**
 * A footprint with the shape that it must have, as a frozen copy: what anybody does with his own later changes nothing.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION`
 */
export function requireFootprint(given: unknown): Footprint {
  const footprint = requirePlainObject('footprint', copyOf(given));
  requireKnownKeys('footprint', footprint, ['identifier', 'revision', 'name', 'solution', 'metadata', 'locations', 'allocations']);
  const { identifier, revision, name, solution, metadata, locations, allocations } = footprint;
  requireText('footprint.identifier', identifier);
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision) || revision < 0)
    throw badOption('footprint.revision', 'a whole number of at least 0', revision);
  if (name !== undefined && requireText('footprint.name', name).includes('/'))
    throw badOption('footprint.name', "text without '/', which joins the names of a path", name);
  if (solution !== undefined) requireText('footprint.solution', solution);
  if (metadata !== undefined && !isPlainObject(metadata)) throw badSecretOption('footprint.metadata', 'a plain object', metadata);
  if (locations !== undefined) requireLocations('footprint.locations', locations);
  if (!Array.isArray(allocations) || allocations.length === 0)
    throw badSecretOption('footprint.allocations', 'a list of at least one allocation', allocations);
  for (const [index, allocation] of allocations.entries()) requireAllocation(`footprint.allocations[${index}]`, allocation);
  return frozen(footprint) as unknown as Footprint; // All members are checked.
}

/** @throws {TracewrightError} `TW_BAD_OPTION` */
export function requireLocations(option: string, given: unknown): readonly string[] {
  if (!Array.isArray(given)) throw badOption(option, 'a list of non-empty strings', given);
  return given.map((location, index) => requireText(`${option}[${index}]`, location));
}

/** As far as it is plain: what else a copy can hold, as dates and bytes, stays as it is. */
function frozen<T>(value: T): T {
  if ((!Array.isArray(value) && !isPlainObject(value)) || Object.isFrozen(value)) return value;
  // First: options may lead back to themselves.
  Object.freeze(value);
  for (const member of Object.values(value) as readonly unknown[]) frozen(member);
  return value;
}

function copyOf(given: unknown): unknown {
  try {
    return structuredClone(given);
  } catch {
    throw badSecretOption('footprint', 'plain data, without functions', given);
  }
}

function requireAllocation(option: string, given: unknown): void {
  // With its options, which may be secrets.
  if (!isPlainObject(given)) throw badSecretOption(option, 'a plain object', given);
  const allocation = given;
  requireKnownKeys(option, allocation, ['component', 'instance', 'options', 'bindings']);
  requireText(`${option}.component`, allocation['component']);
  if (allocation['instance'] !== undefined) requireText(`${option}.instance`, allocation['instance']);
  const { bindings } = allocation;
  for (const [target, destination] of Object.entries(bindings === undefined ? {} : requirePlainObject(`${option}.bindings`, bindings)))
    requireText(`${option}.bindings.${target}`, destination);
}
