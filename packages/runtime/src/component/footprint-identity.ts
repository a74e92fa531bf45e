import { attributes } from '@tracewright/conventions';
import type { Footprint } from './footprint.ts';

/** Where all belongs that a footprint starts. */
export function footprintIdentity({ identifier, revision, solution }: Footprint): Record<string, string | number> {
  const identity: Record<string, string | number> = {
    [attributes.footprintIdentifier.key]: identifier,
    [attributes.footprintRevision.key]: revision,
  };
  if (solution !== undefined) identity[attributes.footprintSolution.key] = solution;
  return identity;
}
