import { deadLetterOf } from '../dead-letter-name.ts';
import { shown } from './shown.ts';
import type { Topology, TopologyInstance } from './topology.ts';

/** A flowchart. Ids are our own; names are only in labels. */
export function mermaidOf({ instances, destinations }: Topology): string {
  const ids = new Map(destinations.map(({ name }, index) => [name, `d${index}`]));
  return [
    'flowchart LR',
    ...instances.map((instance, index) => `  i${index}["${titleOf(instance)}"]`),
    ...destinations.map(({ name, external }, index) => `  d${index}(["${label(name)}"])${external ? ':::external' : ''}`),
    ...instances.flatMap((instance, index) => edgesOf(instance, `i${index}`, ids)),
    ...(destinations.some(({ external }) => external) ? ['  classDef external stroke-dasharray: 5 5'] : []),
  ].join('\n');
}

function titleOf({ instance, component }: TopologyInstance): string {
  return instance === component ? label(instance) : `${label(instance)} #40;${label(component)}#41;`;
}

function edgesOf({ publishes, subscribes }: TopologyInstance, id: string, ids: ReadonlyMap<string, string>): readonly string[] {
  const idOf = (destination: string): string => ids.get(destination) ?? '';
  const dead = new Set(subscribes.map(({ destination }) => deadLetterOf(destination)).filter((destination) => ids.has(destination)));
  return [
    ...publishes.map(({ aspect, destination }) => `  ${id} -->${named(aspect, destination)} ${idOf(destination)}`),
    ...subscribes.map(({ interest, destination }) => `  ${idOf(destination)} -->${named(interest, destination)} ${id}`),
    ...[...dead].map((destination) => `  ${id} -.->|"dead letters"| ${idOf(destination)}`),
  ];
}

/** The name of an aspect or interest, where it is bound to another one. */
function named(target: string, destination: string): string {
  return target === destination ? '' : `|"${label(target)}"|`;
}

/**
 * Only letters and digits stay, and a single punctuation mark between two of ASCII's: all else is written as Mermaid's entities. Quotes end a label, `#` begins an entity, and
 * its lexer looks for some words with white space after them (`direction TB`), its labels for Markdown (`1. a`, `_a_`, `www.a`), wherever they are.
 */
function label(name: string): string {
  return shown(name).replaceAll(
    /[\p{L}\p{N}]|(?<=[A-Za-z0-9])(?<!www)[._/-](?=[A-Za-z0-9])|(?<other>.)/giu,
    (character, other: string | undefined) => (other === undefined ? character : `#${other.codePointAt(0)};`),
  );
}
