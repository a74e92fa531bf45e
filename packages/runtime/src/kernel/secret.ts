import { Hidden } from './hidden.ts';

/**
 * A value that nothing prints by accident: `String`, template literals, `JSON.stringify`, `util.inspect`, `Object.keys` and spans all show `[secret]`.
 * Only `reveal` gives it out.
 */
export class Secret<T = string> extends Hidden<T> {
  get [Symbol.toStringTag](): 'Secret' {
    return 'Secret';
  }
}
