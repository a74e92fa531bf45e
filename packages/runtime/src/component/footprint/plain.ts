import type { FootprintNode, MemberNode, ObjectNode } from './node.ts';
import { type FootprintProblems, memberPath } from './problems.ts';

/** Where the reader of a shape stands, and where it says what is wrong. */
export interface Place {
  readonly path: string;
  readonly problems: FootprintProblems;
}

/** Any plain data, frozen. Its values are on no message: they may be secrets. */
export function plainOf(node: FootprintNode, { path, problems }: Place): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return Object.freeze(node.items.map((item, index) => plainOf(item, { path: `${path}[${index}]`, problems })));
  if (node.kind === 'object') return plainObjectOf(node, { path, problems }, plainOf);
  problems.add(node.offset, path, node.message);
  return undefined;
}

/** An object of which each member is read in the same way. A key may be `__proto__`, as with `JSON.parse`. */
export function plainObjectOf(
  node: ObjectNode,
  { path, problems }: Place,
  read: (node: FootprintNode, place: Place) => unknown,
): Readonly<Record<string, unknown>> {
  const members = membersOf(node, { path, problems });
  return Object.freeze(
    Object.fromEntries(members.map(({ key, node: value }) => [key, read(value, { path: memberPath(path, key), problems })])),
  );
}

/** The members of an object, each key once; one that comes again is a problem. */
export function membersOf({ members }: ObjectNode, { path, problems }: Place): readonly MemberNode[] {
  const seen = new Set<string>();
  return members.filter(({ key, keyOffset }) => {
    if (!seen.has(key)) return seen.add(key);
    problems.add(keyOffset, memberPath(path, key), 'is there already');
    return false;
  });
}
