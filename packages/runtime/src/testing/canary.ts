import { randomBytes } from 'node:crypto';
import { badOption } from '../kernel/errors.ts';

/** How a marker was found: as it is, in an encoding, or `part` where only its unique middle was, cut or encoded in some other way. */
export type CanaryForm = 'plain' | 'base64' | 'url' | 'json' | 'hex' | 'part';

export interface CanarySighting<Name extends string = string> {
  readonly name: Name;
  readonly form: CanaryForm;
}

export interface Canaries<Name extends string = string> {
  /** The marker of each name, to be put where it must not leak from. */
  readonly values: Readonly<Record<Name, string>>;
  /**
   * Finds each marker in each form that it has in `haystack`, in the order of the names. Sees through base64 (at any alignment, both alphabets), URL
   * and JSON escapes and hex; not through compression or encryption.
   */
  search(haystack: Uint8Array | string): readonly CanarySighting<Name>[];
}

let planted = 0;

/**
 * Makes one marker for each name, that occurs nowhere else: what leaks a marker leaks whatever stood in its place.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` when two names are equal
 */
export function plantCanaries<const Name extends string>(names: readonly Name[]): Canaries<Name> {
  if (new Set(names).size !== names.length) throw badOption('names', 'names that differ', names);
  const markers = names.map((name) => {
    planted += 1;
    return createMarker(name, `canary${planted}x${randomBytes(8).toString('hex')}`);
  });
  return {
    // The keys are the names, one by one; fromEntries cannot say so.
    values: Object.fromEntries(markers.map(({ name, value }) => [name, value])) as Record<Name, string>,
    search(haystack) {
      const bytes = Buffer.from(haystack);
      return markers.flatMap(({ name, needles, parts }): CanarySighting<Name>[] => {
        const forms = [...needles].filter(([, texts]) => texts.some((text) => bytes.includes(text))).map(([form]) => form);
        if (forms.length === 0 && parts.some((part) => bytes.includes(part))) return [{ name, form: 'part' }];
        return forms.map((form) => ({ name, form }));
      });
    },
  };
}

interface Marker<Name extends string> {
  readonly name: Name;
  readonly value: string;
  /** Its unique middle, as it is and encoded: what is left of it inside another encoding, or where the ends were cut. */
  readonly parts: readonly string[];
  readonly needles: ReadonlyMap<CanaryForm, readonly string[]>;
}

function createMarker<Name extends string>(name: Name, core: string): Marker<Name> {
  // A quote, a space and a slash at both ends: no escaped form equals the plain one.
  const value = `"/ ${core} /"`;
  const url = encodeURIComponent(value);
  const json = JSON.stringify(value).slice(1, -1);
  const hex = Buffer.from(value).toString('hex');
  const base64 = [0, 1, 2].map((offset) => base64At(value, offset));
  const needles: [CanaryForm, readonly string[]][] = [
    ['plain', [value]],
    ['base64', [...base64, ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))]],
    ['url', [url, url.toLowerCase(), url.replaceAll('%20', '+'), encodeURI(value)]],
    ['json', [json, json.replaceAll('/', '\\/')]],
    ['hex', [hex, hex.toUpperCase()]],
  ];
  return { name, value, parts: partsOf(core), needles: new Map(needles) };
}

/** How much of the unique middle must be left to be found where it was cut. */
const windowLength = 12;

function partsOf(core: string): readonly string[] {
  const middle = core.slice(core.indexOf('x') + 1);
  const windows = Array.from({ length: middle.length - windowLength + 1 }, (_, start) => middle.slice(start, start + windowLength));
  const encoded = [0, 1, 2].map((offset) => base64At(middle, offset));
  return [...windows, ...encoded, Buffer.from(middle).toString('hex'), middle.toUpperCase()];
}

/** The base64 digits that `value` alone decides when it stands `offset` bytes after a multiple of three. */
function base64At(value: string, offset: number): string {
  const digits = Buffer.from('\0'.repeat(offset) + value).toString('base64');
  return digits.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + value.length) * 8) / 6));
}
