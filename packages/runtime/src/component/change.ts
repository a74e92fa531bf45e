import { isDeepStrictEqual } from 'node:util';
import type { Claim } from './claims.ts';
import type { StartedComponent } from './started-component.ts';

/** What has to be done so that what runs is what is claimed. */
export interface Change {
  readonly start: readonly Claim[];
  readonly replace: readonly { readonly running: StartedComponent; readonly claim: Claim }[];
  /** Those that have failed, and are claimed as they were: they are given another try, which changes nothing for the others. */
  readonly revive: readonly { readonly running: StartedComponent; readonly claim: Claim }[];
  readonly stop: readonly StartedComponent[];
  readonly keep: readonly StartedComponent[];
}

/** Leaves alone whatever is claimed as it runs. One that came to its end by itself has done its work. */
export function changeTo(claims: readonly Claim[], running: ReadonlyMap<string, StartedComponent>): Change {
  const start: Claim[] = [];
  const replace: { readonly running: StartedComponent; readonly claim: Claim }[] = [];
  const revive: { readonly running: StartedComponent; readonly claim: Claim }[] = [];
  const keep: StartedComponent[] = [];
  for (const claim of claims) {
    const present = running.get(claim.instance);
    if (present === undefined) start.push(claim);
    else if (!isSame(present.claim, claim)) replace.push({ running: present, claim });
    else if (present.status.state === 'failed') revive.push({ running: present, claim });
    else keep.push(present);
  }
  const claimed = new Set(claims.map(({ instance }) => instance));
  const stop = [...running.values()].filter(({ claim }) => !claimed.has(claim.instance));
  return { start, replace, revive, stop, keep };
}

/** By what the footprints say: what a schema makes of options may be anything. */
function isSame(one: Claim, other: Claim): boolean {
  return (
    one.component === other.component &&
    isDeepStrictEqual(one.givenOptions, other.givenOptions) &&
    isDeepStrictEqual(one.bindings, other.bindings)
  );
}
