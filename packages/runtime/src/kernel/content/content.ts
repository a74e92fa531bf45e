import { Hidden } from '../hidden.ts';

/**
 * A text that the content policy decides about, wherever it is put. `String`, template literals, `JSON.stringify` and `util.inspect` show `[content]`; only
 * the gate reads it. Whoever calls `reveal` decides in place of the content policy.
 */
export class Content extends Hidden<string> {
  get [Symbol.toStringTag](): 'Content' {
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
