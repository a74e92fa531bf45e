import { deadLetterOf } from '../dead-letter-name.ts';
import type { TopologyDestination, TopologyInstance } from './topology.ts';

/**
 * The destinations that the instances name, in the order of their names.
 *
 * Dead letters go to destinations that somebody names; those that nobody names would only double the picture.
 */
export function destinationsOf(instances: readonly TopologyInstance[], external: ReadonlySet<string>): readonly TopologyDestination[] {
  const named = instances.flatMap(({ publishes, subscribes }) => [...publishes, ...subscribes].map(({ destination }) => destination));
  const publishers = new Map(named.map((name) => [name, new Set<string>()]));
  const subscribers = new Map(named.map((name) => [name, new Set<string>()]));
  for (const { instance, publishes, subscribes } of instances) {
    for (const { destination } of publishes) publishers.get(destination)?.add(instance);
    for (const { destination } of subscribes) {
      subscribers.get(destination)?.add(instance);
      publishers.get(deadLetterOf(destination))?.add(instance);
    }
  }
  // By code units: the same on every machine, whatever its language.
  return [...publishers.keys()].toSorted().map((name) => ({
    name,
    publishers: [...(publishers.get(name) ?? [])],
    subscribers: [...(subscribers.get(name) ?? [])],
    external: external.has(name),
  }));
}
