/** What a text says, before anyone has asked whether it is a footprint: the same for YAML and JSON, and each part knows where it stands. */
export type FootprintNode = ObjectNode | ListNode | ScalarNode | WrongNode;

export interface ObjectNode {
  readonly kind: 'object';
  /** Where it begins in the text. */
  readonly offset: number;
  /** In the order of the text; a key may be there twice. */
  readonly members: readonly MemberNode[];
}

export interface MemberNode {
  readonly key: string;
  readonly keyOffset: number;
  readonly node: FootprintNode;
}

export interface ListNode {
  readonly kind: 'list';
  readonly offset: number;
  readonly items: readonly FootprintNode[];
}

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly offset: number;
  readonly value: string | number | boolean | null;
}

/** Well-formed, and still nothing that plain data can hold. */
export interface WrongNode {
  readonly kind: 'wrong';
  readonly offset: number;
  /** Goes on from a path: `is no finite number`. */
  readonly message: string;
}

/** How deep lists and objects may lie in one another. */
export const maxDepth = 64;

/** A number, unless a number cannot hold what is written. The fewest digits that mean a number, as programs write it, are enough. */
export function numberNode(value: number, source: string, offset: number): ScalarNode | WrongNode {
  if (!Number.isFinite(value)) return { kind: 'wrong', offset, message: 'is no finite number' };
  const [, digits] = /^[-+]?(\d+|0x[\da-f]+|0o[0-7]+)$/i.exec(source) ?? [];
  if (digits !== undefined && !holds(Math.abs(value), BigInt(digits)))
    return { kind: 'wrong', offset, message: 'has more digits than a number can hold: quote it' };
  return { kind: 'scalar', offset, value };
}

function holds(value: number, written: bigint): boolean {
  const shortest = String(value);
  return BigInt(value) === written || (/^\d+$/.test(shortest) && BigInt(shortest) === written);
}
