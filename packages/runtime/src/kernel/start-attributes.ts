import type { AttributeValue } from '@opentelemetry/api';
import { type AttributeValues, cutValue } from './attributes.ts';
import type { Identity } from './identity.ts';
import type { Limits } from './limits.ts';
import type { Plan } from './operation.ts';
import type { Principal } from './principal.ts';

/** Who executes an operation, where it belongs, and how much its attributes may hold. */
export interface WhoAndWhere {
  readonly principal: Principal;
  readonly identity: Identity;
  readonly limits: Limits;
}

/**
 * What a span carries from its start, so that samplers see it: who executes, where the work belongs, what the author says. In this order, because limits
 * cut the end; a value of the author's wins over the same key before it.
 *
 * The frozen object is kept for the next call by the same principal with the same identity. (Loops, as spreading two objects is slow on Node 20.)
 */
export function startAttributes(plan: Plan, { principal, identity, limits }: WhoAndWhere): AttributeValues {
  const { last } = plan;
  if (last.attributes !== undefined && last.caller === principal.attributes && last.identity === identity && last.limits === limits) {
    return last.attributes;
  }
  const all: Record<string, AttributeValue> = {};
  copyInto(all, principal.attributes, limits);
  copyInto(all, identity, limits);
  // Again: the place is the first, and the value stays the principal's.
  copyInto(all, principal.attributes, limits);
  if (plan.attributes !== undefined) copyInto(all, plan.attributes, limits);
  last.caller = principal.attributes;
  last.identity = identity;
  last.limits = limits;
  last.attributes = Object.freeze(all);
  return last.attributes;
}

function copyInto(all: Record<string, AttributeValue>, from: AttributeValues, { attributeLength }: Limits): void {
  for (const key in from) {
    const value = from[key];
    if (value !== undefined) all[key] = cutValue(value, attributeLength);
  }
}
