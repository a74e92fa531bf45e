import type { CheckedContract } from '../contract.ts';
import { shown } from './shown.ts';
import type { Member } from './warnings.ts';

/** An aspect or an interest of an instance. */
export interface Port {
  readonly instance: string;
  /** For people: `aspect orders`. */
  readonly target: string;
  /** Of its codec, without parameters. */
  readonly mediaType: string;
}

/** Ports by the destinations that they are bound to. */
export interface Ports {
  readonly sources: ReadonlyMap<string, readonly Port[]>;
  readonly readers: ReadonlyMap<string, readonly Port[]>;
}

/** Ports of one destination where those who read cannot read what is written. */
export interface Mismatch {
  readonly written: string;
  readonly from: readonly Port[];
  readonly read: string;
  readonly by: readonly Port[];
}

export function portsOf(members: readonly Member[]): Ports {
  const sources = new Map<string, Port[]>();
  const readers = new Map<string, Port[]>();
  for (const {
    instance: { instance, publishes, subscribes },
    checked,
  } of members) {
    for (const { aspect, destination } of publishes)
      add(sources, destination, { instance, target: `aspect ${shown(aspect)}`, mediaType: mediaTypeOf(checked?.aspects.get(aspect)) });
    for (const { interest, destination } of subscribes)
      add(readers, destination, {
        instance,
        target: `interest ${shown(interest)}`,
        mediaType: mediaTypeOf(checked?.interests.get(interest)),
      });
  }
  return { sources, readers };
}

/** One for each pair of media types that do not fit. Schemas are not compared: two that look different may mean the same. */
export function mismatches(sources: readonly Port[], readers: readonly Port[]): readonly Mismatch[] {
  return [...byMediaType(sources)].flatMap(([written, from]) =>
    [...byMediaType(readers)].flatMap(([read, by]) =>
      // Bytes are whatever was written: an archive or a mirror reads them so.
      read === written || read === 'application/octet-stream' ? [] : [{ written, from, read, by }],
    ),
  );
}

/** The first few of them, and how many more there are. */
export function listed(ports: readonly Port[]): string {
  const named = ports.slice(0, 3).map(({ instance, target }) => `${shown(instance)} (${target})`);
  return ports.length > named.length ? `${named.join(', ')} and ${ports.length - named.length} more` : named.join(', ');
}

export const verb = (base: string, { length }: readonly Port[]): string =>
  length > 1 ? base : `${base}${base.endsWith('sh') ? 'es' : 's'}`;

function byMediaType(ports: readonly Port[]): ReadonlyMap<string, readonly Port[]> {
  const groups = new Map<string, Port[]>();
  for (const port of ports) add(groups, port.mediaType, port);
  return groups;
}

function mediaTypeOf(contract: CheckedContract | undefined): string {
  return (contract?.codec.contentType ?? '').replace(/;.*$/s, '').trim().toLowerCase();
}

function add(groups: Map<string, Port[]>, name: string, port: Port): void {
  const group = groups.get(name);
  if (group === undefined) groups.set(name, [port]);
  else group.push(port);
}
