import { badOption, TracewrightError } from './errors.ts';

/** Checks of values that come from outside the type system; each throws `TW_BAD_OPTION` naming the option and the value. */

export function requireFunction(option: string, value: unknown): void {
  if (typeof value !== 'function') throw badOption(option, 'a function', value);
}

export function requireText(option: string, value: unknown): string {
  if (typeof value !== 'string' || value.length === 0) throw badOption(option, 'a non-empty string', value);
  return value;
}

export function requirePositive(option: string, value: unknown): number {
  if (typeof value !== 'number' || !(value > 0) || value === Number.POSITIVE_INFINITY)
    throw badOption(option, 'a positive, finite number', value);
  return value;
}

export function requireCount(option: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1)
    throw badOption(option, 'a whole number of at least 1', value);
  return value;
}

export function requireSignal(option: string, value: unknown): AbortSignal {
  if (!(value instanceof AbortSignal)) throw badOption(option, 'an AbortSignal', value);
  return value;
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function requirePlainObject(option: string, value: unknown): Record<string, unknown> {
  if (!isPlainObject(value)) throw badOption(option, 'a plain object', value);
  return value;
}

/** Unknown options are refused: a misspelt one would otherwise be ignored in silence. */
export function requireKnownKeys(option: string, value: object, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    throw new TracewrightError('TW_BAD_OPTION', `${option}.${key} is not an option: there are ${known.join(', ')}`, {
      data: { option: `${option}.${key}` },
    });
  }
}

/** What a function of an author's gave that decides something: a promise, for one, would be taken for a yes. */
export function requireAnswer(option: string, answer: unknown): boolean {
  if (typeof answer !== 'boolean') throw badOption(option, 'a function that gives true or false', answer);
  return answer;
}

/** Whether `value` has an identity to be known by. */
export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Whether `value` can be awaited; a query builder can, and begins its work then. */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Whether `value` is a promise as the language makes them; a subclass may begin its work only when `then` is called. */
export function isPlainPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return value instanceof Promise && value.then === Promise.prototype.then;
}
