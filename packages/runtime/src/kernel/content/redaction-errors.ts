import { isObject } from '../check.ts';
import { someError } from './content-chain.ts';
import { RecentTexts } from './content-texts.ts';
import { Secrets } from './redaction.ts';

/** The credentials of those for whom an error was described. Weakly: to know an error must not keep it. */
const known = new WeakMap<object, Secrets>();
/** The same for texts that were thrown. */
const knownOfTexts = new RecentTexts<WeakRef<Secrets>>();

/**
 * What must not be said of `error`: `secrets`, of whoever executes, and the credentials of all for whom it was described before, or an error that it wraps.
 * The message of what failed for a user also comes to the operation around it, which may be the service's.
 */
export function secretsAlong(error: unknown, secrets: Secrets | undefined): Secrets | undefined {
  const all = new Set<Secrets>();
  if (secrets !== undefined) all.add(secrets);
  someError(error, (each) => {
    const before = knownOf(each);
    if (before !== undefined) all.add(before);
    return false;
  });
  const [first, ...others] = all;
  const together = first === undefined || others.length === 0 ? first : Secrets.of(all);
  if (together !== undefined) remember(error, together);
  return together;
}

function knownOf(error: unknown): Secrets | undefined {
  if (isObject(error)) return known.get(error);
  return typeof error === 'string' ? knownOfTexts.get(error)?.deref() : undefined;
}

function remember(error: unknown, secrets: Secrets): void {
  if (isObject(error)) known.set(error, secrets);
  else if (typeof error === 'string') knownOfTexts.remember(error, new WeakRef(secrets));
}
