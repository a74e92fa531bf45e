/** What an object takes beside what is in it, and what is assumed of one that is not looked into. Bytes. */
const objectBytes = 48;
const primitiveBytes = 8;
/** At most so many objects of a value are looked into, */
const maxObjects = 256;
/** so many items or properties of one, */
const maxSamples = 16;
/** and so many levels deep. */
const maxDepth = 8;

interface Walk {
  objects: number;
}

/**
 * About how many bytes of memory a value takes. Only a bounded part is looked at, and the rest taken to be like it, so that the time does not grow with the
 * value. Texts count two bytes for each character.
 */
export function estimateBytes(value: unknown): number {
  return bytesOf(value, { objects: maxObjects }, 0);
}

function bytesOf(value: unknown, walk: Walk, depth: number): number {
  if (typeof value === 'string') return objectBytes + 2 * value.length;
  if (typeof value !== 'object' || value === null) return primitiveBytes;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer)
    return objectBytes + value.byteLength;
  if (depth >= maxDepth || walk.objects <= 0) return objectBytes;
  walk.objects -= 1;
  if (Array.isArray(value)) return objectBytes + itemsBytes(value, walk, depth + 1);
  if (value instanceof Map || value instanceof Set) return objectBytes + collectionBytes(value, walk, depth + 1);
  return objectBytes + propertiesBytes(value as Record<string, unknown>, walk, depth + 1); // Any object can be read by its own keys.
}

/** Samples stand all over an array, as its end may be unlike its beginning. */
function itemsBytes(items: readonly unknown[], walk: Walk, depth: number): number {
  const step = Math.max(1, items.length / maxSamples);
  let bytes = 0;
  let looked = 0;
  for (let index = 0; index < items.length && mayLook(walk, looked); index += step) {
    bytes += primitiveBytes + bytesOf(items[Math.floor(index)], walk, depth);
    looked += 1;
  }
  return inProportion(bytes, looked, items.length);
}

function propertiesBytes(value: Record<string, unknown>, walk: Walk, depth: number): number {
  const keys = Object.keys(value);
  let bytes = 0;
  let looked = 0;
  for (let index = 0; index < Math.min(keys.length, maxSamples) && mayLook(walk, looked); index += 1) {
    bytes += primitiveBytes + bytesOf(value[keys[index] ?? ''], walk, depth);
    looked += 1;
  }
  return inProportion(bytes, looked, keys.length);
}

function collectionBytes(collection: ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>, walk: Walk, depth: number): number {
  let bytes = 0;
  let looked = 0;
  for (const [key, value] of collection.entries()) {
    if (looked === maxSamples || !mayLook(walk, looked)) break;
    bytes += 2 * primitiveBytes + bytesOf(value, walk, depth) + (key === value ? 0 : bytesOf(key, walk, depth));
    looked += 1;
  }
  return inProportion(bytes, looked, collection.size);
}

/** One is always looked at, so that there is something to judge the rest by. */
function mayLook(walk: Walk, looked: number): boolean {
  return looked === 0 || walk.objects > 0;
}

function inProportion(bytes: number, looked: number, all: number): number {
  return looked === 0 ? 0 : Math.ceil((bytes / looked) * all);
}
