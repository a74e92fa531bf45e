/** Keeps text on one line, whatever control characters, or characters that turn the direction of writing, are in it. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : escaped;
  });
}

/** An attribute’s value as JSON, so that a text and a number that look alike can be told apart. */
export function jsonText(value: unknown): string {
  // JSON has no big integers; OTLP has, and a reader may keep them exact.
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner)) ?? 'undefined';
}

/** An attribute’s value as words in a sentence. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : jsonText(value);
}
