import type { AttributeValue } from '@opentelemetry/api';
import { isPlainObject } from './check.ts';
import { Content } from './content/content.ts';
import { badOption } from './errors.ts';
import { reportFault } from './telemetry.ts';

/** Attributes of a span, an event or an identity: frozen once they are ours. */
export type AttributeValues = Readonly<Record<string, AttributeValue>>;

/**
 * What an author may give: an `undefined` value is left out, so that optional values need no branches; about text marked with `content` the content policy
 * decides.
 */
export type AttributeInput = Readonly<Record<string, AttributeValue | Content | undefined>>;

/** Where a text is cut, the cut shows: the mark is counted in the budget. */
const cutMark = '…';

export function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : text.slice(0, maxLength - cutMark.length) + cutMark;
}

/**
 * A frozen copy of attributes given at a definition. A wrong value is the author's mistake, so it is refused here and not dropped later.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the key and the value
 */
export function requireAttributes(option: string, input: unknown): AttributeValues {
  if (!isPlainObject(input)) throw badOption(option, 'a plain object of attribute values', input);
  const copy: Record<string, AttributeValue> = {};
  for (const [key, value] of Object.entries(input)) {
    if (value === undefined) continue;
    if (value instanceof Content)
      throw badOption(`${option}['${key}']`, 'an attribute value (content belongs to a call, not to a definition)', value);
    if (key.length === 0 || !isAttributeValue(value)) {
      throw badOption(`${option}['${key}']`, 'a string, a finite number, a boolean, or an array of one of them', value);
    }
    copy[key] = Array.isArray(value) ? frozenCopy(value) : value;
  }
  return Object.freeze(copy);
}

/** `value` within the budget of one text. */
export function cutValue(value: AttributeValue, maxLength: number): AttributeValue {
  if (typeof value === 'string') return cut(value, maxLength);
  if (!Array.isArray(value)) return value;
  const items: readonly unknown[] = value;
  return cutArray(items, maxLength) as AttributeValue; // Fewer items of the same type.
}

/** What a number or a boolean counts for in the budget of an array. */
const primitiveLength = 8;

/** An array has the budget of one text for all its items. */
function cutArray(items: readonly unknown[], maxLength: number): readonly unknown[] {
  const lengthOf = (item: unknown): number => (typeof item === 'string' ? item.length : primitiveLength);
  let room = maxLength;
  const kept = items.findIndex((item) => (room -= lengthOf(item)) < 0);
  if (kept === -1) return items;
  const next = items[kept];
  // Texts show the cut themselves; of an array of numbers nothing can, as its values are of one type.
  if (typeof next === 'string') return [...items.slice(0, kept), cut(next, Math.max(cutMark.length, room + next.length))];
  reportFault(`an array of ${items.length} values was cut to ${kept}`);
  return items.slice(0, kept);
}

export function isAttributeValue(value: unknown): value is AttributeValue {
  if (!Array.isArray(value)) return isPrimitive(value);
  const first: unknown = value[0];
  return value.every((item) => typeof item === typeof first && isPrimitive(item));
}

/** Frozen without changing the type: OpenTelemetry's type for arrays is mutable. */
export function frozenCopy<Items extends unknown[]>(items: Items): Items {
  const copy = items.slice() as Items; // A copy has the type of what it copies.
  Object.freeze(copy);
  return copy;
}

function isPrimitive(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}
