import { badOption } from '../kernel/errors.ts';
import type { Principal } from '../kernel/principal.ts';
import type { RunningScope } from '../kernel/running-scope.ts';

/** One part of a key. Values of different types are different parts, also where their texts are the same. */
export type KeyPart = string | number | boolean | bigint | null;

/** What a result depends on beside the operation and who asks. A text is the same as a list with that text alone. */
export type CacheKey = string | readonly KeyPart[];

/**
 * The text of a key, so that no two keys have the same one: each part says its type, and how long it is or where it ends.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for anything that is no key
 */
export function keyText(key: unknown): string {
  if (typeof key === 'string') return textPart(key);
  if (!Array.isArray(key)) throw badOption('cache.key', 'a text or an array of parts, as it is or from the function', key);
  const parts: readonly unknown[] = key;
  let text = '';
  for (let index = 0; index < parts.length; index += 1) text += partText(parts[index], index);
  return text;
}

/** The whole key of a call: the operation, who asks unless the entry is for all, and what the author says. */
export function wholeKey({ parts }: RunningScope, shared: boolean, text: string): string {
  return `${parts.name.length}:${parts.name}${shared ? '*' : principalText(parts.principal)}${text}`;
}

function partText(part: unknown, index: number): string {
  switch (typeof part) {
    case 'string':
      return textPart(part);
    case 'number':
      return `n${part};`;
    case 'bigint':
      return `i${part};`;
    case 'boolean':
      return part ? 't' : 'f';
    default:
      if (part === null) return '_';
      throw badOption(`cache.key[${index}]`, 'a string, number, boolean, bigint or null', part);
  }
}

function textPart(text: string): string {
  return `s${text.length}:${text}`;
}

/** The kind and the id, for an agent also those of everybody it acts for: an agent sees other data for another user. */
function principalText(principal: Principal): string {
  const { kind, id } = principal;
  if (kind === 'user') return `u${id.length}:${id}`;
  if (kind === 'service') return `s${id.length}:${id}`;
  return `a${id.length}:${id}${principalText(principal.for)}`;
}
