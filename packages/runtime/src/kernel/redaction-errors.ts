import { isObject, someError } from './content-chain.ts';
import { Secrets } from './redaction.ts';

/** The credentials of those for whom an error was described. Weakly: to know an error must not keep it. */
const known = new WeakMap<object, Secrets>();

/**
 * What must not be said of `error`: `secrets`, of whoever executes, and the credentials of all for whom it was described before, or an error that it wraps.
 * The message of what failed for a user also comes to the operation around it, which may be the service's.
 */
export function secretsAlong(error: unknown, secrets: Secrets | undefined): Secrets | undefined {
  const all = new Set<Secrets>();
  if (secrets !== undefined) all.add(secrets);
  someError(error, (each) => {
    const before = isObject(each) ? known.get(each) : undefined;
    if (before !== undefined) all.add(before);
    return false;
  });
  const [first, ...others] = all;
  const together = first === undefined || others.length === 0 ? first : Secrets.of(all);
  if (together !== undefined && isObject(error)) known.set(error, together);
  return together;
}
