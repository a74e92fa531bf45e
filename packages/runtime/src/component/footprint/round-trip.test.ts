import * as fc from 'fast-check';
import { isTracewrightError } from 'tracewright';
import { type Footprint, parseFootprint } from 'tracewright/component';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';

const text = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string({ minLength: 1, unit: 'binary' }),
  fc.constantFrom('12', 'null', 'true', '~', '- a', '#'),
);
const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '12', 'null', 'a.b', '? a'));
const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(text, fc.constant(''), fc.boolean(), fc.constant(null), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;
const optional = { requiredKeys: [] as [] };
const allocation = fc
  .tuple(
    fc.record({ component: text }),
    fc.record(
      {
        instance: text,
        options: plain.filter((value) => value !== null),
        bindings: fc.dictionary(key, text, { maxKeys: 3, noNullPrototype: true }),
      },
      optional,
    ),
  )
  .map(([required, more]) => ({ ...required, ...more }));
const footprints: fc.Arbitrary<Footprint> = fc
  .tuple(
    fc.record({ identifier: text, revision: fc.nat(), allocations: fc.array(allocation, { minLength: 1, maxLength: 3 }) }),
    fc.record(
      {
        name: text,
        solution: text,
        metadata: fc.dictionary(key, plain, { maxKeys: 3, noNullPrototype: true }),
        locations: fc.array(text, { maxLength: 3 }),
      },
      optional,
    ),
  )
  .map(([required, more]) => ({ ...more, ...required }));

/** `toEqual` passes over members called `__proto__`: as text, they count. JSON has no -0. */
const asText = (footprint: Footprint): unknown => JSON.stringify(sorted(footprint));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return entries.map(([name, member]) => [name, sorted(member)]);
}

test('any footprint that is right comes back the same from JSON, and from JSON read as YAML', () => {
  fc.assert(
    fc.property(footprints, fc.constantFrom(undefined, 2, '\t'), (footprint, indent) => {
      const json = JSON.stringify(footprint, undefined, indent);
      expect(asText(parseFootprint(json))).toBe(asText(footprint));
      expect(asText(parseFootprint(json, { format: 'json' }))).toBe(asText(footprint));
    }),
  );
});

// Not as BLOCK_LITERAL: the library loses strings of nothing but blanks when it writes so.
test('any footprint that is right comes back the same from YAML', () => {
  fc.assert(
    fc.property(footprints, fc.constantFrom('QUOTE_DOUBLE', 'QUOTE_SINGLE', 'PLAIN'), (footprint, defaultStringType) => {
      const yaml = stringify(footprint, { defaultStringType, aliasDuplicateObjects: false });
      expect(asText(parseFootprint(yaml, { format: 'yaml' }))).toBe(asText(footprint));
    }),
  );
});

test('JSON is refused exactly where JSON.parse refuses it, whatever is done to a text', () => {
  const mutated = fc
    .tuple(
      footprints.map((footprint) => JSON.stringify(footprint)),
      changes,
    )
    .map(([json, change]) => changed(json, change));
  fc.assert(
    fc.property(mutated, (json) => {
      const message = refusalOf(json, 'json');
      const syntax = /: (?:no JSON: .*|the text is empty|nested more than 64 levels deep)$/.test(message ?? '');
      expect(syntax).toBe(!isJson(json));
    }),
    { numRuns: 500 },
  );
});

test('whatever is done to a text, it is read or refused with TW_BAD_FOOTPRINT, at a place that it has', () => {
  const mutated = fc
    .tuple(footprints, fc.boolean(), changes)
    .map(([footprint, yaml, change]) => changed(yaml ? stringify(footprint) : JSON.stringify(footprint), change));
  fc.assert(
    fc.property(fc.oneof(mutated, fc.string({ unit: 'binary' })), fc.constantFrom('yaml', 'json', 'auto'), (given, format) => {
      const message = refusalOf(given, format);
      const lines = given.split('\n');
      for (const problem of message?.split('\n') ?? []) {
        const [, line, column] = /^footprint:(\d+):(\d+): /.exec(problem) ?? [];
        expect(Number(column)).toBeGreaterThanOrEqual(1);
        expect(Number(column)).toBeLessThanOrEqual((lines[Number(line) - 1] ?? '').length + 1);
      }
    }),
    { numRuns: 500 },
  );
});

const changes = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.nat({ max: 3 }),
  insert: fc.oneof(
    fc.constant(''),
    fc.constantFrom(...'{}[],:"\'\\-?&*!|>%@`#\t\n \uFEFF'.split('')),
    fc.constantFrom('&a ', '*a', '!!binary ', '---\n', '...\n', '<<: ', '\u0000', '1e999', '\n\n', ': '),
    fc.string({ unit: 'binary', maxLength: 4 }),
  ),
});

function changed(given: string, { at, remove, insert }: { readonly at: number; readonly remove: number; readonly insert: string }): string {
  const offset = Math.floor(at * given.length);
  return given.slice(0, offset) + insert + given.slice(offset + remove);
}

function refusalOf(given: string, format: 'yaml' | 'json' | 'auto'): string | undefined {
  try {
    parseFootprint(given, { format });
    return undefined;
  } catch (error: unknown) {
    if (isTracewrightError(error, 'TW_BAD_FOOTPRINT')) return error.message;
    throw error;
  }
}

function isJson(given: string): boolean {
  try {
    JSON.parse(given);
    return true;
  } catch {
    return false;
  }
}
