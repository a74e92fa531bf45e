import { isObject } from '../check.ts';

/** How many errors of one chain are looked at; a longer one cannot be judged. */
const maxVisited = 256;

/** What errors call those that they wrap: `cause` of any, `errors` of an AggregateError, the others of a SuppressedError. */
interface Wrapper {
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly error?: unknown;
  readonly suppressed?: unknown;
}

/**
 * Whether `error`, or what it wraps, `matches`. `undefined` where that cannot be told: an error does not let itself be read, or there is no end of them.
 * Never throws.
 */
export function someError(error: unknown, matches: (each: unknown) => boolean): boolean | undefined {
  const visited = new Set([error]);
  try {
    for (const each of visited) {
      if (matches(each)) return true;
      // The loop also comes to what is added here.
      for (const inner of wrappedBy(each)) visited.add(inner);
      if (visited.size > maxVisited) return undefined;
    }
    return false;
  } catch {
    return undefined;
  }
}

function wrappedBy(given: unknown): readonly unknown[] {
  if (!isObject(given)) return [];
  const { cause, errors, error, suppressed }: Wrapper = given;
  // One more than may be looked at, so that it shows that there are more.
  const several: readonly unknown[] = Array.isArray(errors) ? errors.slice(0, maxVisited + 1) : [];
  return [cause, error, suppressed, ...several].filter((inner) => inner !== undefined);
}
