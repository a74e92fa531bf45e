import { TracewrightError } from '../kernel/errors.ts';
import { asContent } from '../kernel/exceptions.ts';
import { errorTypeOf } from '../kernel/outcome.ts';
import { type CheckedComponent, type Component, requireComponents } from './component.ts';
import type { Allocation, Footprint } from './footprint.ts';
import { withoutValuesOf } from './quoted-values.ts';
import { problemsText, type Problem, validate } from './validate.ts';

/** One allocation with nothing left to decide. */
export interface Claim {
  readonly instance: string;
  readonly component: CheckedComponent;
  /** What the schema made of the options. */
  readonly options: unknown;
  readonly bindings: Readonly<Record<string, string>>;
  readonly group: string;
  readonly footprint: Footprint;
  /** The options as the footprint has them, to tell whether another revision changes them. */
  readonly givenOptions: unknown;
}

/**
 * The claims of a footprint: each component known, each instance once, each binding to a target that is declared, all options in order.
 *
 * @throws {TracewrightError} `TW_COMPONENT_OPTIONS` with every problem that there is, of all allocations together
 */
export async function claimsOf(footprint: Footprint, components: readonly Component[]): Promise<readonly Claim[]> {
  const known = requireComponents('components', components);
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
  const group = `${footprint.identifier}/${instance}`;
  const claim = { instance, component, bindings: { ...bindings }, group, footprint, givenOptions: options };
  const schema = component.options;
  if (schema === undefined) {
    if (options !== undefined && options !== null) wrong('.options', `${name} takes no options`);
    return { ...claim, options: undefined };
  }
  const validated = await Promise.resolve()
    .then(() => validate(schema, options ?? {}))
    .catch((error: unknown) => ({
      problems: [{ path: '', message: `its schema failed with ${errorTypeOf(error)}` }],
    }));
  if ('value' in validated) return { ...claim, options: validated.value };
  // Not every schema keeps to itself what it was given, and that may be a secret.
  const withoutValues = withoutValuesOf(options);
  for (const { path, message } of validated.problems) wrong(path === '' ? '.options' : `.options.${path}`, withoutValues(message));
  return undefined;
}
