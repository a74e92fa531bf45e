import { inspect } from 'node:util';

const shown = '[content]';

/**
 * A text that the content policy decides about, wherever it is put. `String`, template literals, `JSON.stringify` and `util.inspect` show `[content]`; only
 * the gate reads it.
 */
export class Content {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    Object.freeze(this);
  }

  /** The text. Whoever calls this decides in place of the content policy. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }

  get [Symbol.toStringTag](): string {
    return 'Content';
  }
}

/**
 * Marks `text` as content: what people or models said, what tools were given and gave, values of queries. It leaves the process only as far as the content
 * policy allows, which by default is not at all.
 *
 * @example scope.set({ 'app.prompt': content(prompt) });
 */
export function content(text: string): Content {
  return new Content(text);
}
