import { isThenable, requireFunction, requireKnownKeys } from './check.ts';
import { badOption, TracewrightError } from './errors.ts';
import type { Scope } from './scope.ts';

/**
 * Wraps the body of an operation, or the whole consumption of a stream. It is generic, so that it cannot drop the result of `next` without a compile error,
 * and gets the scope to hand on: the same one, or one derived from it.
 *
 * `next` may be called again only after it has failed: a second call while it runs, after it has succeeded, or after the interceptor itself has settled
 * throws `TW_NEXT_MISUSED`. Not calling it at all leaves the body out.
 *
 * @example
 * const logged: Interceptor = async (scope, next) => {
 *   try { return await next(scope); } finally { console.log(scope.name); }
 * };
 */
export type Around = <T>(scope: Scope, next: (scope: Scope) => Promise<T>) => Promise<T>;

/** Sees each item of a stream on its way to the consumer and gives the item to hand on: the same one, or one of the same type. */
export type PerItem = <Item>(item: Item, scope: Scope) => Item | Promise<Item>;

/** What wraps operations: a function, or an object that also looks at each item of a stream. For an operation that is no stream, `item` has no meaning. */
export type Interceptor = Around | { readonly around?: Around | undefined; readonly item?: PerItem | undefined };

/** Interceptors as one: `scope` in, `body` innermost. */
export type Chain = Around;

/** What a definition's interceptors come to; nothing where there are none, so that an operation without any pays nothing. */
export interface Composed {
  readonly chain: Chain | undefined;
  /** For streams only: what each item passes, innermost first. */
  readonly perItem: PerItem | undefined;
  /** Whether all are our own, which work with the scope that they are given, and make it the current one wherever they call what an author gave them. */
  readonly onlyOurs: boolean;
}

/** Marks interceptors of ours, which keep the rule of `next` by construction and need no guard. */
const ours = Symbol('tracewright.interceptor');

interface OurInterceptor extends Around {
  readonly [ours]: { readonly whole: Around | undefined };
}

/**
 * Makes an interceptor of ours. Its `next` never throws, and gives a promise as the language makes them. It runs in whatever context calls the operation: what
 * an author gave it to call, it calls by `scope.activate`. `whole` is a part that belongs around the whole operation, wherever the
 * interceptor itself stands.
 */
export function builtIn(around: Around, whole?: Around): Around {
  return Object.assign(around, { [ours]: { whole } });
}

/**
 * Composes interceptors once, outermost first in declaration order.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for an entry that is neither a function nor `{ around?, item? }`, and for one of ours that is there twice
 */
export function compose(interceptors: readonly Interceptor[]): Composed {
  const arounds: Around[] = [];
  const items: PerItem[] = [];
  for (const [index, interceptor] of interceptors.entries()) {
    const { around, item } = partsOf(`operation.interceptors[${index}]`, interceptor);
    if (around !== undefined) {
      // One place of a limit, or one entry of a cache, cannot be waited for inside itself.
      if (isOurs(around) && arounds.includes(around))
        throw badOption(`operation.interceptors[${index}]`, 'one that is not in the list already', around);
      arounds.push(around);
    }
    if (item !== undefined) items.unshift(item);
  }
  const wholes = arounds.flatMap((around) => (isOurs(around) ? (around[ours].whole ?? []) : []));
  return {
    chain: [...wholes, ...arounds].reduceRight(wrap, undefined),
    perItem: items.reduce(followedBy, undefined),
    onlyOurs: arounds.every(isOurs),
  };
}

function partsOf(option: string, given: unknown): { around?: Around | undefined; item?: PerItem | undefined } {
  if (typeof given === 'function') return { around: given as Around }; // Its parameters are its author's to get right.
  if (typeof given !== 'object' || given === null) throw badOption(option, 'a function or { around?, item? }', given);
  requireKnownKeys(option, given, ['around', 'item']);
  const { around, item } = given as { around?: Around | undefined; item?: PerItem | undefined }; // Checked in the next two lines.
  if (around !== undefined) requireFunction(`${option}.around`, around);
  if (item !== undefined) requireFunction(`${option}.item`, item);
  return { around, item };
}

function isOurs(around: Around): around is OurInterceptor {
  return ours in around;
}

function wrap(inner: Chain | undefined, outer: Around): Chain {
  const guarded = isOurs(outer) ? outer : guardNext(outer);
  return inner === undefined ? guarded : (scope, body) => guarded(scope, (handed) => inner(handed, body));
}

function followedBy(first: PerItem | undefined, second: PerItem): PerItem {
  if (first === undefined) return second;
  return (item, scope) => {
    const given = first(item, scope);
    return isThenable(given) ? given.then((value) => second(value, scope)) : second(given, scope);
  };
}

/**
 * Has the author's interceptor keep the rule of `next`: work that runs twice at once, or after its operation, has no place in a trace. Whatever it gives or
 * throws, the interceptors outside of it get a promise.
 */
function guardNext(outer: Around): Around {
  return <T>(scope: Scope, inner: (scope: Scope) => Promise<T>): Promise<T> => {
    let state: 'ready' | 'running' | 'succeeded' | 'ended' = 'ready';
    const next = (handed: Scope): Promise<T> => {
      if (state !== 'ready') throw misused(scope.name, state);
      state = 'running';
      const result = callSafely(inner, handed);
      const settle = (to: 'ready' | 'succeeded'): void => {
        if (state === 'running') state = to;
      };
      result.then(
        () => settle('succeeded'),
        () => settle('ready'),
      );
      return result;
    };
    const end = (): void => {
      state = 'ended';
    };
    // A promise of ours, made once: what begins its work when it is awaited must not be asked twice.
    const result = callSafely(outer<T>, scope, next);
    result.then(end, end);
    return result;
  };
}

/** A promise, also where the interceptor throws, gives none, or is handed what is no scope. */
function callSafely<T, Inputs extends unknown[]>(interceptor: (...inputs: Inputs) => Promise<T>, ...inputs: Inputs): Promise<T> {
  try {
    return Promise.resolve(interceptor(...inputs));
  } catch (error) {
    return Promise.reject(error);
  }
}

const misuses = {
  running: 'while it was running',
  succeeded: 'after it had succeeded',
  ended: 'after the interceptor had settled',
};

function misused(operation: string, state: keyof typeof misuses): TracewrightError<'TW_NEXT_MISUSED'> {
  return new TracewrightError('TW_NEXT_MISUSED', `an interceptor of ${operation} called next ${misuses[state]}`, {
    data: { operation, state },
  });
}
