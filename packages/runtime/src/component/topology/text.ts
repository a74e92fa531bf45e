import { list, type Row, table, wrapped } from './columns.ts';
import { shown } from './shown.ts';
import type { Topology, TopologyDestination, TopologyInstance } from './topology.ts';

/** In characters: about what stands beside a name in one line. */
const shortFlow = 60;

type Instances = ReadonlyMap<string, TopologyInstance>;

/** Tables of instances and destinations, then cycles and warnings where there are any. */
export function textOf(topology: Topology): string {
  const { instances, destinations, cycles, warnings } = topology;
  const instancesByName = new Map(instances.map((instance) => [instance.instance, instance]));
  const sections = [
    wrapped('', headOf(topology)),
    table('Instances', instances.flatMap(instanceRows)),
    table(
      'Destinations',
      destinations.flatMap((destination) => flowRows(destination, instancesByName)),
    ),
    list(
      'Cycles',
      cycles.map((cycle) => cycleWords(cycle, destinations)),
    ),
    list(
      'Warnings',
      warnings.map(({ message }) => shown(message).split(' ')),
    ),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

function headOf({ footprint: { identifier, revision, name, solution }, instances, destinations }: Topology): readonly string[] {
  return [
    ...(name === undefined ? [`${shown(identifier)},`] : [shown(name), `(${shown(identifier)}),`]),
    ...(solution === undefined ? [] : ['solution', `${shown(solution)},`]),
    `revision ${revision}:`,
    `${counted(instances.length, 'instance')},`,
    counted(destinations.length, 'destination'),
  ];
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function instanceRows({ instance, component, publishes, subscribes }: TopologyInstance): readonly Row[] {
  const name = instance === component ? shown(instance) : `${shown(instance)} (${shown(component)})`;
  const reads = subscribes.map(({ interest, destination }) => bound(interest, destination));
  const sends = publishes.map(({ aspect, destination }) => bound(aspect, destination));
  const rows = [
    ...(reads.length === 0 ? [] : [['subscribes', ...commas(reads)]]),
    ...(sends.length === 0 ? [] : [['publishes ', ...commas(sends)]]),
  ];
  if (rows.length === 0) return [{ name, words: ['declares nothing'] }];
  return rows.map((words, index) => ({ name: index === 0 ? name : '', words }));
}

const bound = (target: string, destination: string): string =>
  target === destination ? shown(destination) : `${shown(destination)} (${shown(target)})`;

const commas = (words: readonly string[]): readonly string[] => words.map((word, index) => (index < words.length - 1 ? `${word},` : word));

/** In one row where that is short; else who subscribes has one of its own, so that it can be found. */
function flowRows({ name, publishers, subscribers, external }: TopologyDestination, instances: Instances): readonly Row[] {
  const nobody = external ? 'other programs' : 'nobody';
  const sources = publishers.map((publisher) => {
    const declared = instances.get(publisher)?.publishes.some(({ destination }) => destination === name) ?? false;
    return declared ? shown(publisher) : `${shown(publisher)} (dead letters)`;
  });
  const from = commas(sources.length === 0 ? [nobody] : sources);
  const to = ['→', ...commas(subscribers.length === 0 ? [nobody] : subscribers.map(shown))];
  if ([...from, ...to].join(' ').length <= shortFlow) return [{ name: shown(name), words: [...from, ...to] }];
  return [
    { name: shown(name), words: from },
    { name: '', words: to },
  ];
}

/** The way round, by the first destination that leads from each instance to the next. */
function cycleWords(cycle: readonly string[], destinations: readonly TopologyDestination[]): readonly string[] {
  const ways = cycle.flatMap((instance, index) => {
    const next = cycle[(index + 1) % cycle.length] ?? instance;
    const way = destinations.find(({ publishers, subscribers }) => publishers.includes(instance) && subscribers.includes(next));
    return [shown(instance), '→', `[${shown(way?.name ?? '')}]`, '→'];
  });
  return [...ways, shown(cycle[0] ?? '')];
}
