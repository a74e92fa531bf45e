import { inspect } from 'node:util';

const shown = '[secret]';

/**
 * A value that nothing prints by accident: `String`, template literals, `JSON.stringify`, `util.inspect`, `Object.keys` and spans all show `[secret]`.
 * Only `reveal` gives it out.
 */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
    Object.freeze(this);
  }

  /** The value. Call it where the value is used, and keep it nowhere. */
  reveal(): T {
    return this.#value;
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
    return 'Secret';
  }
}
