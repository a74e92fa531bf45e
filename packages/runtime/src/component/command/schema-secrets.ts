import { isPlainObject } from '../../kernel/check.ts';

/** A JSON Schema, or a part of one. */
export type SchemaNode = Readonly<Record<string, unknown>>;

/**
 * Whether a value of this part may have a secret in it: `writeOnly` or the format `password` stands on it or anywhere below, references within `root` followed. A reference
 * that leads elsewhere may lead to one.
 */
export function maySecretsBeIn(node: unknown, root: SchemaNode, seen = new Set<unknown>()): boolean {
  if (typeof node !== 'object' || node === null || seen.has(node)) return false;
  // What was looked at already had none, or is being looked at.
  seen.add(node);
  if (isPlainObject(node)) {
    const { writeOnly, format, $ref: reference } = node;
    if (writeOnly === true || format === 'password') return true;
    if (reference !== undefined) {
      const target = targetOf(reference, root);
      if (target === undefined || maySecretsBeIn(target, root, seen)) return true;
    }
  }
  return Object.values(node).some((part) => maySecretsBeIn(part, root, seen));
}

/** The part that `node` stands for: what it refers to, with its own words counting more. */
export function referredTo(node: SchemaNode, root: SchemaNode): SchemaNode {
  const seen = new Set<unknown>();
  let whole = node;
  while (whole['$ref'] !== undefined && !seen.has(whole['$ref'])) {
    const { $ref: reference, ...own } = whole;
    seen.add(reference);
    const target = targetOf(reference, root);
    whole = { ...(isPlainObject(target) ? target : {}), ...own };
  }
  return whole;
}

/** By a JSON pointer: `#`, `#/$defs/Key`. Nothing for every other kind of reference. */
function targetOf(reference: unknown, root: SchemaNode): unknown {
  if (typeof reference !== 'string' || !/^#(?:\/|$)/.test(reference)) return undefined;
  const steps = reference.slice(1).split('/').slice(1);
  return steps.reduce<unknown>((node, step) => {
    const key = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
    return typeof node === 'object' && node !== null && Object.hasOwn(node, key) ? Reflect.get(node, key) : undefined;
  }, root);
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    // A lone percent sign stands for itself.
    return step;
  }
}
