import { createHash } from 'node:crypto';
import { badOption } from '../../kernel/errors.ts';

/** NATS allows 255 bytes; a consumer has two names in one, and file systems have limits of their own. */
const maxNameLength = 100;

/**
 * A subject is what NATS calls a destination: tokens between dots, without wildcards and white space.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for anything else, and for what NATS keeps for itself
 */
export function requireSubject(option: string, value: unknown): string {
  const isSubject = typeof value === 'string' && /^[^\s\p{Cc}*>.]+(?:\.[^\s\p{Cc}*>.]+)*$/u.test(value) && !/^(?:\$|_INBOX\.)/.test(value);
  if (!isSubject) throw badOption(option, 'a NATS subject without wildcards, white space and empty tokens, not below $ or _INBOX', value);
  return value;
}

/** The stream that is made for one destination: `shop.orders` has `shop__orders`. */
export function streamName(destination: string): string {
  return safeName(destination);
}

/** The consumer of one group. It names the destination, too, for a stream may hold several. */
export function consumerName(group: string, destination: string): string {
  // What is escaped has no `_o`.
  return `${safeName(group)}_on_${safeName(destination)}`;
}

/**
 * `text` in letters, digits, `-` and `_`, another one for each text: a dot becomes `__`, any other byte `_` and two digits. What is too long ends in a hash
 * instead, behind `_h`, which no escape begins with.
 */
function safeName(text: string): string {
  let name = '';
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCodePoint(byte);
    if (/[A-Za-z0-9-]/.test(character)) name += character;
    else name += character === '.' ? '__' : `_${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  if (name.length <= maxNameLength) return name;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 32);
  return `${name.slice(0, maxNameLength - 34)}_h${hash}`;
}
