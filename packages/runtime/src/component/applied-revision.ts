import { attributes } from '@tracewright/conventions';
import type { AttributeInput } from '../kernel/attributes.ts';
import type { Change } from './change.ts';
import type { Footprint } from './footprint.ts';

/** What a new revision has changed, as names of instances. */
export interface AppliedRevision {
  readonly footprint: Footprint;
  readonly started: readonly string[];
  readonly replaced: readonly string[];
  readonly stopped: readonly string[];
  readonly kept: readonly string[];
}

/** What a change comes to once it is made. */
export function appliedBy({ start, replace, revive, stop, keep }: Change, footprint: Footprint): AppliedRevision {
  return Object.freeze({
    footprint,
    started: start.map(({ instance }) => instance),
    replaced: [...replace, ...revive].map(({ claim }) => claim.instance),
    stopped: stop.map(({ claim }) => claim.instance),
    kept: keep.map(({ claim }) => claim.instance),
  });
}

/** As attributes of the span that it was made in. */
export function describeApplied({ started, replaced, stopped }: AppliedRevision): AttributeInput {
  const some = (names: readonly string[]): string[] | undefined => (names.length === 0 ? undefined : [...names]);
  return {
    [attributes.applyStarted.key]: some(started),
    [attributes.applyReplaced.key]: some(replaced),
    [attributes.applyStopped.key]: some(stopped),
  };
}
