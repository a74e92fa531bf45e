import type { AttributeValue } from '@opentelemetry/api';
import type { AttributeInput, AttributeValues } from './attributes.ts';
import type { ContentGate } from './content/content-gate.ts';
import type { Identity } from './identity.ts';
import type { Plan } from './operation.ts';
import type { Principal } from './principal.ts';
import type { Secrets } from './content/redaction.ts';

/** Who executes an operation, where it belongs, and what of its attributes may leave. */
export interface WhoAndWhere {
  readonly principal: Principal;
  readonly identity: Identity;
  readonly gate: ContentGate;
  /** Credentials that no attribute may show. */
  readonly secrets: Secrets | undefined;
}

/**
 * What a span carries from its start, so that samplers see it: who executes, where the work belongs, what the author says. In this order, because limits
 * cut the end; a value of the author's wins over the same key before it.
 *
 * The frozen object is kept for the next call by the same principal with the same identity. (Loops, as spreading two objects is slow on Node 20.)
 */
export function startAttributes(plan: Plan, who: WhoAndWhere): AttributeValues {
  const { principal, identity, gate, secrets } = who;
  const { last } = plan;
  if (
    last.attributes !== undefined &&
    last.caller === principal.attributes &&
    last.identity === identity &&
    last.gate === gate &&
    last.secrets === secrets
  ) {
    return last.attributes;
  }
  const all: Record<string, AttributeValue> = {};
  copyInto(all, principal.attributes);
  copyInto(all, identity);
  // Again: the place is the first, and the value stays the principal's.
  copyInto(all, principal.attributes);
  if (plan.attributes !== undefined) copyInto(all, plan.attributes);
  last.caller = principal.attributes;
  last.identity = identity;
  last.gate = gate;
  last.secrets = secrets;
  last.attributes = Object.freeze(gate.attributes(all, 'attribute', secrets));
  return last.attributes;
}

/** As `startAttributes`, with those of one call: a wrong value is left out and reported. Hot for messages: no spread. */
export function startAttributesOf(plan: Plan, who: WhoAndWhere, ofCall: AttributeInput): AttributeValues {
  const all: Record<string, AttributeValue> = {};
  copyInto(all, startAttributes(plan, who));
  copyInto(all, who.gate.attributes(ofCall, 'attribute', who.secrets));
  return all;
}

function copyInto(all: Record<string, AttributeValue>, from: AttributeValues): void {
  for (const key in from) {
    const value = from[key];
    if (value !== undefined) all[key] = value;
  }
}
