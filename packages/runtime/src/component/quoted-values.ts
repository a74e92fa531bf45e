import { isPlainObject } from '../kernel/check.ts';

/** Shorter ones are part of too many words, and no secrets. */
const minLength = 3;

/**
 * Takes what stands in `value` out of texts about it: a schema may quote what it refuses. Its strings and numbers of three characters or more become `…`.
 */
export function withoutValuesOf(value: unknown): (text: string) => string {
  const found = new Set<string>();
  collect(value, found, new Set());
  // A longer one may have a shorter one in it.
  const quoted = [...found].toSorted((one, other) => other.length - one.length);
  return (text) => quoted.reduce((rest, each) => rest.replaceAll(each, '…'), text);
}

function collect(value: unknown, found: Set<string>, seen: Set<unknown>): void {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    const text = String(value);
    // As it is, and as it is written between quotes.
    for (const form of [text, text.trim(), JSON.stringify(text).slice(1, -1)]) if (form.length >= minLength) found.add(form);
    return;
  }
  if ((!Array.isArray(value) && !isPlainObject(value)) || seen.has(value)) return;
  seen.add(value);
  for (const member of Object.values(value) as readonly unknown[]) collect(member, found, seen);
}
