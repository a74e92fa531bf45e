import { type AttributeValues, requireAttributes } from './attributes.ts';
import { isPlainObject } from './check.ts';
import { badOption } from './errors.ts';

/**
 * How the identity of new work follows from the identity around it (after OpenTelemetry's context-scoped attributes, OTEP 4931): absent inherits, `extend`
 * merges over it, `replace` forgets it, `'clear'` leaves none.
 */
export type IdentityChange = 'clear' | { readonly extend: AttributeValues } | { readonly replace: AttributeValues };

/** Attributes that say where work belongs. Never sent to other services. */
export type Identity = AttributeValues;

export const noIdentity: Identity = Object.freeze({});

/**
 * The identity after `change`. The same reference comes back when nothing changes, so that what was computed from it stays valid.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for a change of another shape, or a value that is not an attribute
 */
export function changeIdentity(current: Identity, change: IdentityChange | undefined): Identity {
  if (change === undefined) return current;
  if (change === 'clear') return noIdentity;
  if (isPlainObject(change) && Object.keys(change).length === 1) {
    if ('extend' in change) return Object.freeze({ ...current, ...requireAttributes('identity.extend', change.extend) });
    if ('replace' in change) return requireAttributes('identity.replace', change.replace);
  }
  throw badOption('identity', "'clear', { extend: attributes } or { replace: attributes }", change);
}
