import type { Footprint } from '../footprint.ts';
import { parseFootprint } from '../footprint/parse-footprint.ts';

/** What a control message asks for. */
export type Order = { readonly apply: Footprint } | { readonly remove: string };

/** `remove: shop`, in YAML or JSON. */
const removal = /^\s*(?:\{\s*"remove"\s*:\s*"(?<quoted>[^"\\]+)"\s*\}|remove:\s+(?<plain>[^\s#'"{}[\]&*!|>%@`][^\n#]*?))\s*$/;

/** @throws {TracewrightError} `TW_BAD_FOOTPRINT` with every mistake, each with line and column */
export function readOrder(text: string, source: string): Order {
  const found = removal.exec(text)?.groups;
  const identifier = found?.['quoted'] ?? found?.['plain'];
  return identifier === undefined ? { apply: parseFootprint(text, { source }) } : { remove: identifier };
}
