import { inspect } from 'node:util';

/** A value that nothing prints by accident: where it is made to text, its kind stands in brackets. Only `reveal` gives it out. */
export abstract class Hidden<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
    Object.freeze(this);
  }

  /** Of which kind it is; also what stands in its place. */
  abstract get [Symbol.toStringTag](): string;

  /** The value. Call it where the value is used, and keep it nowhere. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return `[${this[Symbol.toStringTag].toLowerCase()}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
