import { requireKnownKeys, requirePlainObject, requireCount } from './check.ts';

/** Budgets of telemetry. Whatever is cut shows that it was. */
export interface Limits {
  /** Characters of a text attribute, an exception message and a stack. OpenTelemetry’s own default is no limit: one value can lose a whole export. Default 16384. */
  readonly attributeLength: number;
  /** Links of a span. The SDK keeps 128 and drops the first ones; ours keep the cause and count the rest. Default 128. */
  readonly linksPerSpan: number;
}

export const defaultAttributeLength = 16_384;

const defaults: Limits = { attributeLength: defaultAttributeLength, linksPerSpan: 128 };

export function requireLimits(given: unknown): Limits {
  if (given === undefined) return defaults;
  const limits = requirePlainObject('limits', given);
  requireKnownKeys('limits', limits, Object.keys(defaults));
  const { attributeLength = defaults.attributeLength, linksPerSpan = defaults.linksPerSpan } = limits;
  return {
    attributeLength: requireCount('limits.attributeLength', attributeLength),
    linksPerSpan: requireCount('limits.linksPerSpan', linksPerSpan),
  };
}
