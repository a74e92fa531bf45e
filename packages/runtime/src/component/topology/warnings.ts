import type { CheckedComponent } from '../component.ts';
import { listed, mismatches, type Port, portsOf, verb } from './ports.ts';
import { shown } from './shown.ts';
import type { TopologyDestination, TopologyInstance } from './topology.ts';

/** What is likely to be a mistake. */
export interface TopologyWarning {
  /**
   * - `unknown-component`, `duplicate-instance`, `unknown-binding`: `deploy` refuses the footprint.
   * - `mixed-codecs`: a destination is written in one content type and read in another.
   * - `no-publisher`: somebody subscribes to what nobody publishes; `no-subscriber`: the reverse.
   */
  readonly kind: 'unknown-component' | 'duplicate-instance' | 'unknown-binding' | 'mixed-codecs' | 'no-publisher' | 'no-subscriber';
  /** None where it is about an instance. */
  readonly destination?: string | undefined;
  /** All of those that it is about; the message names the first few. */
  readonly instances: readonly string[];
  /** One line, for people. */
  readonly message: string;
}

/** An instance, with what it is made of. */
export interface Member {
  readonly instance: TopologyInstance;
  /** None where nobody knows the component. */
  readonly checked: CheckedComponent | undefined;
  /** The targets of its bindings. */
  readonly bound: readonly string[];
}

interface Known {
  readonly destinations: readonly TopologyDestination[];
  /** The names of all components. */
  readonly known: readonly string[];
}

/** First those of instances, in their order; then those of destinations, in theirs. */
export function warningsOf(members: readonly Member[], { destinations, known }: Known): readonly TopologyWarning[] {
  const { sources, readers } = portsOf(members);
  return [
    ...members.flatMap((member) => instanceWarnings(member, known)),
    ...duplicates(members),
    ...destinations.flatMap((destination) =>
      destination.external
        ? []
        : destinationWarnings(destination, sources.get(destination.name) ?? [], readers.get(destination.name) ?? []),
    ),
  ];
}

function instanceWarnings({ instance: { instance, component }, checked, bound }: Member, known: readonly string[]): TopologyWarning[] {
  const instances = [instance];
  if (checked === undefined) {
    const message = `${shown(instance)}: no component ${shown(component)}: ${thereAre(known)}`;
    return [{ kind: 'unknown-component', instances, message }];
  }
  const declared = [...checked.aspects.keys(), ...checked.interests.keys()];
  return bound
    .filter((target) => !declared.includes(target))
    .map((target) => {
      const message = `${shown(instance)}: ${component} declares no aspect or interest ${shown(target)}: ${thereAre(declared)}`;
      return { kind: 'unknown-binding', instances, message };
    });
}

const thereAre = (names: readonly string[]): string => (names.length === 0 ? 'there is none' : `there are ${shown(names.join(', '))}`);

function duplicates(members: readonly Member[]): TopologyWarning[] {
  const counts = new Map<string, number>();
  for (const { instance } of members) counts.set(instance.instance, (counts.get(instance.instance) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([instance, count]) => {
      return { kind: 'duplicate-instance', instances: [instance], message: `${shown(instance)}: ${count} allocations have this instance` };
    });
}

function destinationWarnings(
  { name, publishers }: TopologyDestination,
  sources: readonly Port[],
  readers: readonly Port[],
): TopologyWarning[] {
  const warning = (kind: TopologyWarning['kind'], ports: readonly Port[], said: string): TopologyWarning => {
    const instances = [...new Set(ports.map(({ instance }) => instance))];
    return { kind, destination: name, instances, message: `${shown(name)}: ${said}` };
  };
  const unless = 'if another program does, name it as external';
  if (publishers.length === 0)
    return [warning('no-publisher', readers, `nobody publishes what ${listed(readers)} ${verb('subscribe', readers)} to; ${unless}`)];
  if (readers.length === 0)
    return [warning('no-subscriber', sources, `nobody subscribes to what ${listed(sources)} ${verb('publish', sources)}; ${unless}`)];
  return mismatches(sources, readers).map(({ written, read, from, by }) =>
    warning(
      'mixed-codecs',
      [...from, ...by],
      `${listed(from)} ${verb('publish', from)} ${written}, but ${listed(by)} ${verb('expect', by)} ${read}`,
    ),
  );
}
