import { Secret } from '../secret.ts';

/** Shorter strings are no secrets, and would be found inside ordinary words. */
const minLength = 8;
const maxStrings = 16;
const maxDepth = 3;
/** How much of a value that is given as bytes is looked at. */
const maxBytes = 4096;
/** How much of a large object, a client of some service, is looked at. */
const maxMembers = 256;

/** The value of a header: the token counts without the name of its scheme too. */
const schemeAndToken = /^(?:bearer|basic|token|apikey|dpop) +(.+)$/is;

/** The strings in `credentials` that may be secrets, the nearest to the surface first. Never throws. */
export function stringsIn(credentials: Secret<unknown>): readonly string[] {
  const found = new Set<string>();
  let level: readonly unknown[] = [credentials];
  for (let depth = 0; depth <= maxDepth && level.length > 0; depth += 1) {
    const values = level.map(withoutSecret);
    for (const value of values) if (typeof value === 'string') collect(value, found);
    level = values.flatMap(membersOf).slice(0, maxMembers);
  }
  return [...found].slice(0, maxStrings);
}

function collect(value: string, found: Set<string>): void {
  for (const text of [value, schemeAndToken.exec(value)?.[1]]) if (text !== undefined && text.length >= minLength) found.add(text);
}

function withoutSecret(value: unknown): unknown {
  if (value instanceof Secret) return withoutSecret(value.reveal());
  return value instanceof Uint8Array ? Buffer.from(value.subarray(0, maxBytes)).toString() : value;
}

function membersOf(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  try {
    if (value instanceof Map || value instanceof Set || value instanceof Headers) return [...value.values()];
    return Object.keys(value)
      .slice(0, maxMembers)
      .map((key) => memberOf(value, key));
  } catch {
    // What does not say what it holds cannot be looked into.
    return [];
  }
}

function memberOf(value: object, key: string): unknown {
  try {
    return Reflect.get(value, key);
  } catch {
    // A getter that throws gives no secret away; the other members still count.
    return undefined;
  }
}
