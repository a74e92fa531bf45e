import { isPlainObject, requireKnownKeys, requirePlainObject, requireText } from '../kernel/check.ts';
import { badOption, badSecretOption, TracewrightError } from '../kernel/errors.ts';
import { asContent } from '../kernel/exceptions.ts';
import { errorTypeOf } from '../kernel/outcome.ts';
import { type CheckedComponent, type Component, requireComponent } from './component.ts';
import type { Allocation, Footprint } from './footprint.ts';
import type { Claim } from './started-component.ts';
import { problemsText, type Problem, validate } from './validate.ts';

/**
 * The claims of a footprint: each component known, each instance once, each binding to a target that is declared, all options in order.
 *
 * @throws {TracewrightError} `TW_COMPONENT_OPTIONS` with every problem that there is, of all allocations together
 */
export async function claimsOf(footprint: Footprint, components: readonly Component[]): Promise<readonly Claim[]> {
  const checked = components.map((component, index) => requireComponent(`components[${index}]`, component));
  const known = new Map(checked.map((component) => [component.name, component]));
  if (known.size < components.length)
    throw badOption(
      'components',
      'without two of the same name',
      components.map(({ name }) => name),
    );
  const problems: Problem[] = [];
  const claims: Claim[] = [];
  const instances = new Set<string>();
  for (const [index, allocation] of footprint.allocations.entries()) {
    const claim = await claimOf({ allocation, footprint, known }, (path, message) =>
      problems.push({ path: `allocations[${index}]${path}`, message }),
    );
    if (claim === undefined) continue;
    if (instances.has(claim.instance))
      problems.push({ path: `allocations[${index}].instance`, message: `${claim.instance} is there already` });
    instances.add(claim.instance);
    claims.push(claim);
  }
  if (problems.length === 0) return claims;
  const message = `the footprint cannot be deployed:\n${problemsText(problems)}`;
  throw asContent(new TracewrightError('TW_COMPONENT_OPTIONS', message, { data: { problems } }));
}

interface Given {
  readonly allocation: Allocation;
  readonly footprint: Footprint;
  readonly known: ReadonlyMap<string, CheckedComponent>;
}

async function claimOf(
  { allocation, footprint, known }: Given,
  wrong: (path: string, message: string) => void,
): Promise<Claim | undefined> {
  const { component: name, instance = name, options, bindings = {} } = allocation;
  const component = known.get(name);
  if (component === undefined) {
    wrong('.component', `no component ${name}: there are ${[...known.keys()].join(', ')}`);
    return undefined;
  }
  if (instance.includes('/')) wrong('.instance', `${instance} has a '/', which joins the names of a path`);
  for (const target of Object.keys(bindings)) {
    if (component.aspects.has(target) || component.interests.has(target)) continue;
    const declared = [...component.aspects.keys(), ...component.interests.keys()];
    wrong(`.bindings.${target}`, `${name} declares no such aspect or interest: there are ${declared.join(', ')}`);
  }
  const claim = { instance, component, bindings: { ...bindings }, group: `${footprint.identifier}/${instance}` };
  if (component.options === undefined) {
    if (options !== undefined && options !== null) wrong('.options', `${name} takes no options`);
    return { ...claim, options: undefined };
  }
  const validated = await validate(component.options, options ?? {}).catch((error: unknown) => ({
    problems: [{ path: '', message: `its schema failed with ${errorTypeOf(error)}` }],
  }));
  if ('value' in validated) return { ...claim, options: validated.value };
  for (const { path, message } of validated.problems) wrong(path === '' ? '.options' : `.options.${path}`, message);
  return undefined;
}

/**
 * A footprint with the shape that it must have, as a copy: what the caller does with his own later changes nothing.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION`
 */
export function requireFootprint(given: unknown): Footprint {
  const footprint = requirePlainObject('footprint', copyOf(given));
  requireKnownKeys('footprint', footprint, ['identifier', 'revision', 'name', 'solution', 'metadata', 'locations', 'allocations']);
  const { identifier, revision, name, solution, allocations } = footprint;
  requireText('footprint.identifier', identifier);
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision) || revision < 0)
    throw badOption('footprint.revision', 'a whole number of at least 0', revision);
  if (name !== undefined) requireText('footprint.name', name);
  if (solution !== undefined) requireText('footprint.solution', solution);
  if (!Array.isArray(allocations) || allocations.length === 0)
    throw badSecretOption('footprint.allocations', 'a list of at least one allocation', allocations);
  for (const [index, allocation] of allocations.entries()) requireAllocation(`footprint.allocations[${index}]`, allocation);
  return footprint as unknown as Footprint; // All members that are used are checked.
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
