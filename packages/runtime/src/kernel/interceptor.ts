import { requireFunction } from './check.ts';
import type { Scope } from './scope.ts';

/**
 * Wraps operations. It is generic, so that it cannot drop the result of `next` without a compile error, and gets the scope to hand on: the same one,
 * or one derived from it.
 *
 * @example
 * const logged: Interceptor = async (scope, next) => {
 *   try { return await next(scope); } finally { console.log(scope.name); }
 * };
 */
export type Interceptor = <T>(scope: Scope, next: (scope: Scope) => Promise<T>) => Promise<T>;

/** Interceptors as one: `scope` in, `body` innermost. */
export type Chain = Interceptor;

/**
 * Composes interceptors once, outermost first in declaration order. No interceptors give no chain, so that an operation without any pays nothing.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for an entry that is not a function
 */
export function compose(interceptors: readonly Interceptor[]): Chain | undefined {
  for (const [index, interceptor] of interceptors.entries()) requireFunction(`operation.interceptors[${index}]`, interceptor);
  return interceptors.reduceRight<Chain | undefined>(
    (inner, outer) => (inner === undefined ? outer : (scope, body) => outer(scope, (handed) => inner(handed, body))),
    undefined,
  );
}
