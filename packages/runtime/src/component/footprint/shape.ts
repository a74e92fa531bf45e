import type { Footprint } from '../footprint.ts';
import { nearestOf } from './nearest.ts';
import type { FootprintNode } from './node.ts';
import { membersOf, type Place, plainObjectOf, plainOf } from './plain.ts';
import { memberPath } from './problems.ts';

/** Reads one value of the shape that it must have, and says what is wrong with it. `undefined`: there is none. */
type Read = (node: FootprintNode, place: Place) => unknown;

interface Member {
  readonly read: Read;
  readonly required?: boolean;
}

const allocationMembers = new Map<string, Member>([
  ['component', { read: text, required: true }],
  ['instance', { read: text }],
  ['options', { read: options }],
  ['bindings', { read: bindings }],
]);

const footprintMembers = new Map<string, Member>([
  ['identifier', { read: text, required: true }],
  ['revision', { read: revision, required: true }],
  ['name', { read: text }],
  ['solution', { read: text }],
  ['metadata', { read: metadata }],
  ['locations', { read: locations }],
  ['allocations', { read: allocations, required: true }],
]);

/** The one shape of footprints, whatever they are written in. Worth something only where nothing was wrong. */
export function footprintOf(node: FootprintNode, problems: Place['problems']): Footprint {
  const footprint = shaped(node, { path: '', problems }, footprintMembers);
  return footprint as Footprint; // Every member was read by its own rule; where one was not right, this is thrown away.
}

function shaped(node: FootprintNode, place: Place, shape: ReadonlyMap<string, Member>): unknown {
  if (node.kind !== 'object') return refuse(node, place, { expected: 'an object' });
  const { path, problems } = place;
  const read: Record<string, unknown> = {};
  const given = membersOf(node, place);
  for (const { key, keyOffset, node: value } of given) {
    const member = shape.get(key);
    if (member === undefined) {
      problems.add(keyOffset, memberPath(path, key), notAMember(key, [...shape.keys()]));
      continue;
    }
    const found = member.read(value, { path: memberPath(path, key), problems });
    if (found !== undefined) read[key] = found;
  }
  for (const [key, { required = false }] of shape)
    if (required && !given.some((member) => member.key === key)) problems.add(node.offset, memberPath(path, key), 'is missing');
  return Object.freeze(read);
}

function notAMember(key: string, known: readonly string[]): string {
  const near = nearestOf(key, known);
  return `is not a member: there are ${known.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`;
}

function text(node: FootprintNode, place: Place): unknown {
  if (node.kind === 'scalar' && typeof node.value === 'string' && node.value !== '') return node.value;
  const quotable = node.kind === 'scalar' && (typeof node.value === 'number' || typeof node.value === 'boolean');
  return refuse(node, place, { expected: 'a non-empty string', hint: quotable ? ': quote it' : '' });
}

function revision(node: FootprintNode, place: Place): unknown {
  const value = node.kind === 'scalar' ? node.value : undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  const quoted = typeof value === 'string' && /^\d+$/.test(value);
  return refuse(node, place, { expected: 'a whole number of at least 0', hint: quoted ? ': take the quotes away' : '' });
}

function metadata(node: FootprintNode, place: Place): unknown {
  return node.kind === 'object' ? plainObjectOf(node, place, plainOf) : refuse(node, place, { expected: 'an object', secret: true });
}

function locations(node: FootprintNode, place: Place): unknown {
  return node.kind === 'list' ? listOf(node.items, place, text) : refuse(node, place, { expected: 'a list of strings' });
}

function allocations(node: FootprintNode, place: Place): unknown {
  if (node.kind !== 'list' || node.items.length === 0) return refuse(node, place, { expected: 'a list of at least one allocation' });
  return listOf(node.items, place, (item, at) => shaped(item, at, allocationMembers));
}

function options(node: FootprintNode, place: Place): unknown {
  return node.kind === 'scalar' && node.value === null ? undefined : plainOf(node, place);
}

function bindings(node: FootprintNode, place: Place): unknown {
  return node.kind === 'object'
    ? plainObjectOf(node, place, text)
    : refuse(node, place, { expected: 'an object of destinations by their targets' });
}

function listOf(items: readonly FootprintNode[], { path, problems }: Place, read: Read): unknown {
  return Object.freeze(items.map((item, index) => read(item, { path: `${path}[${index}]`, problems })));
}

interface Refusal {
  readonly expected: string;
  readonly hint?: string;
  /** Say only of which type the value is. */
  readonly secret?: boolean;
}

function refuse(node: FootprintNode, { path, problems }: Place, { expected, hint = '', secret = false }: Refusal): undefined {
  const message = node.kind === 'wrong' ? node.message : `must be ${expected}, received ${received(node, secret)}${hint}`;
  problems.add(node.offset, path, path === '' ? `the footprint ${message}` : message);
}

function received(node: Exclude<FootprintNode, { kind: 'wrong' }>, secret: boolean): string {
  if (node.kind === 'object') return 'an object';
  if (node.kind === 'list') return node.items.length === 0 ? 'an empty list' : 'a list';
  const { value } = node;
  if (secret && value !== null) return `a ${typeof value}`;
  return typeof value === 'string' && value.length > 60 ? `${JSON.stringify(value.slice(0, 60))}…` : JSON.stringify(value);
}
