import { asContent } from '../../kernel/exceptions.ts';
import type { Footprint } from '../footprint.ts';
import { parseFootprint } from '../footprint/parse-footprint.ts';
import { parseRemoval } from '../footprint/parse-removal.ts';

/** What a control message asks for. */
export type Order = { readonly apply: Footprint } | { readonly remove: string };

/**
 * Reads `remove: <identifier>`, or a footprint.
 *
 * @throws {TracewrightError} `TW_BAD_FOOTPRINT` with every mistake, each with line and column; it quotes the message, which is content
 */
export function readOrder(text: string, source: string): Order {
  const identifier = parseRemoval(text);
  if (identifier !== undefined) return { remove: identifier };
  try {
    return { apply: parseFootprint(text, { source }) };
  } catch (error) {
    throw error instanceof Error ? asContent(error) : error;
  }
}

export function identifierOf(order: Order): string {
  return 'remove' in order ? order.remove : order.apply.identifier;
}
