import { isObject } from './check.ts';

/** Errors by which `fatal` leaves the work that called it, with what failed there. */
const failures = new WeakMap<object, { readonly error: unknown }>();

/** Remembers that `thrown` only says that `error` failed the lifecycle around. */
export function markFatal(thrown: Error, error: unknown): void {
  failures.set(thrown, { error });
}

/** What failed where `thrown` was thrown: the error given to `fatal`, else `thrown` itself. */
export function whatFailed(thrown: unknown): unknown {
  const failure = isObject(thrown) ? failures.get(thrown) : undefined;
  return failure === undefined ? thrown : failure.error;
}
