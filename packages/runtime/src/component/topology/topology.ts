import { requireKnownKeys, requirePlainObject, requireText } from '../../kernel/check.ts';
import { badOption } from '../../kernel/errors.ts';
import { requireFootprint } from '../require-footprint.ts';
import { type CheckedComponent, type Component, requireComponents } from '../component.ts';
import type { Allocation, Footprint } from '../footprint.ts';
import { cyclesOf } from './cycles.ts';
import { destinationsOf } from './destinations.ts';
import { type Member, type TopologyWarning, warningsOf } from './warnings.ts';

/** Who publishes and who subscribes where, once the footprint runs. Plain data, frozen; options of components are nowhere in it. */
export interface Topology {
  readonly footprint: Pick<Footprint, 'identifier' | 'revision' | 'name' | 'solution'>;
  /** In the order of the allocations. */
  readonly instances: readonly TopologyInstance[];
  /** In the order of their names. */
  readonly destinations: readonly TopologyDestination[];
  /**
   * Instances among which messages can go round, each publishing what the next one subscribes to, and the last one what the first one does. Of instances that can all reach each
   * other, the shortest such way from the first of them. That is no mistake by itself.
   */
  readonly cycles: readonly (readonly string[])[];
  readonly warnings: readonly TopologyWarning[];
}

/** One started component. */
export interface TopologyInstance {
  readonly instance: string;
  readonly component: string;
  readonly publishes: readonly { readonly aspect: string; readonly destination: string }[];
  readonly subscribes: readonly { readonly interest: string; readonly destination: string }[];
}

/** Instances by what they do there, in the order of the allocations. */
export interface TopologyDestination {
  readonly name: string;
  /** With those whose dead letters go there: at `orders.dead`, whoever subscribes to `orders`. */
  readonly publishers: readonly string[];
  readonly subscribers: readonly string[];
  /** Whether other programs publish or read there, as the options say. */
  readonly external: boolean;
}

export interface TopologyOptions {
  /** Destinations where other programs publish or subscribe; they give no warnings. Default none. */
  readonly external?: readonly string[] | undefined;
}

/**
 * The topology of a footprint, known before anything starts: from what the components declare and what the bindings make of it. What a component declares counts as done.
 *
 * What it finds wrong with allocations is a warning, also where `deploy` refuses it; options are not looked at.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for what is no footprint, no component or no list of destinations
 * @example
 * const { warnings, cycles } = topologyOf(footprint, [ping, pong], { external: ['audit'] });
 */
export function topologyOf(footprint: Footprint, components: readonly Component[], options: TopologyOptions = {}): Topology {
  requireKnownKeys('topologyOf', requirePlainObject('topologyOf', options), ['external']);
  const { identifier, revision, name, solution, allocations } = requireFootprint(footprint);
  const known = requireComponents('topologyOf.components', components);
  const external = requireExternal(options.external);
  const members = allocations.map((allocation) => memberOf(allocation, known.get(allocation.component)));
  const instances = members.map(({ instance }) => instance);
  const destinations = destinationsOf(instances, external);
  return frozen({
    footprint: { identifier, revision, ...(name === undefined ? {} : { name }), ...(solution === undefined ? {} : { solution }) },
    instances,
    destinations,
    cycles: cyclesOf(instances, destinations),
    warnings: warningsOf(members, { destinations, known: [...known.keys()] }),
  });
}

function memberOf({ component, instance = component, bindings = {} }: Allocation, checked: CheckedComponent | undefined): Member {
  const destinationOf = (target: string): string => (Object.hasOwn(bindings, target) ? (bindings[target] ?? target) : target);
  const aspects = [...(checked?.aspects.keys() ?? [])];
  const interests = [...(checked?.interests.keys() ?? [])];
  return {
    checked,
    bound: Object.keys(bindings),
    instance: {
      instance,
      component,
      publishes: aspects.map((aspect) => ({ aspect, destination: destinationOf(aspect) })),
      subscribes: interests.map((interest) => ({ interest, destination: destinationOf(interest) })),
    },
  };
}

function requireExternal(given: unknown): ReadonlySet<string> {
  if (given === undefined) return new Set();
  if (!Array.isArray(given)) throw badOption('topologyOf.external', 'a list of destinations', given);
  return new Set(given.map((name, index) => requireText(`topologyOf.external[${index}]`, name)));
}

/** Plain data that nobody can change any more. */
function frozen<Data extends object>(data: Data): Data {
  for (const member of Object.values(data) as readonly unknown[]) if (typeof member === 'object' && member !== null) frozen(member);
  return Object.freeze(data);
}
