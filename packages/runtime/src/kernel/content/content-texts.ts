/** How many texts are known at a time: far more than there are on their way up at once. */
const maxTexts = 1024;

/** How much of a text counts, beside its length. */
const maxHashedLength = 4096;

/**
 * What is known of texts that were thrown as they are, in place of errors. A text has no identity to go by, and here needs none: what must not be said of it must
 * not be said of an equal one. Only hashes are kept, as to know a text must not keep it; the oldest is forgotten first.
 */
export class RecentTexts<Value> {
  readonly #known = new Map<number, Value>();

  remember(text: string, value: Value): void {
    if (text === '') return;
    const hash = hashOf(text);
    this.#known.delete(hash);
    this.#known.set(hash, value);
    if (this.#known.size <= maxTexts) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }

  get(text: string): Value | undefined {
    return this.#known.size === 0 ? undefined : this.#known.get(hashOf(text));
  }
}

/** 52 bits of two FNV-1a hashes, one of them begun with the length. */
function hashOf(text: string): number {
  let one = 0x811c9dc5;
  let other = Math.imul(text.length ^ 0x9e3779b9, 0x01000193);
  const end = Math.min(text.length, maxHashedLength);
  for (let index = 0; index < end; index += 1) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, 0x01000193);
    other = Math.imul(other ^ code, 0x85ebca6b);
  }
  return (one >>> 0) * 0x100000 + (other >>> 12);
}
