import { requireKnownKeys, requirePlainObject, requireText } from '../../kernel/check.ts';
import { badOption } from '../../kernel/errors.ts';
import type { Footprint } from '../footprint.ts';
import type { FootprintNode } from './node.ts';
import { FootprintProblems } from './problems.ts';
import { readJson } from './read-json.ts';
import { readYaml } from './read-yaml.ts';
import { footprintOf } from './shape.ts';

export interface ParseFootprintOptions {
  /** `auto`: as the ending of `source` says (.json, .yaml, .yml), else JSON where the text begins with `{`, else YAML. Default `auto`. */
  readonly format?: 'yaml' | 'json' | 'auto' | undefined;
  /** What the text is called in errors: the name of its file. Default `footprint`. */
  readonly source?: string | undefined;
}

/**
 * Reads a footprint from YAML or JSON, by the same rules for both: what it returns has the shape of a footprint, is plain data, and is frozen.
 *
 * It reads YAML 1.2, of which only what JSON has too is plain data: tags of other types, keys that are no strings and merge keys are refused. Values
 * of `options` and `metadata` are on no message of an error, as they may be secrets.
 *
 * @throws {TracewrightError} `TW_BAD_FOOTPRINT` with every mistake in the text, in its order, each with line and column
 * @example
 * const footprint = parseFootprint(await readFile('shop.yaml', 'utf8'), { source: 'shop.yaml' });
 */
export function parseFootprint(text: string, options: ParseFootprintOptions = {}): Footprint {
  if (typeof text !== 'string') throw badOption('parseFootprint.text', 'a string', text);
  requireKnownKeys('parseFootprint', requirePlainObject('parseFootprint', options), ['format', 'source']);
  const { format = 'auto', source = 'footprint' } = options;
  requireText('parseFootprint.source', source);
  if (format !== 'auto' && format !== 'yaml' && format !== 'json')
    throw badOption('parseFootprint.format', "'yaml', 'json' or 'auto'", format);
  const problems = new FootprintProblems(text, source);
  const footprint = footprintOf(readText(text, problems, { format, source }), problems);
  problems.throwIfAny();
  return footprint;
}

/** What the text says, whatever that is. */
export function readText(text: string, problems: FootprintProblems, { format, source }: Required<ParseFootprintOptions>): FootprintNode {
  if (/^\uFEFF?\s*$/.test(text)) problems.fail(0, 'the text is empty');
  return ((format === 'auto' ? formatOf(text, source ?? '') : format) === 'json' ? readJson : readYaml)(text, problems);
}

function formatOf(text: string, source: string): 'yaml' | 'json' {
  const ending = /\.(json|ya?ml)$/i.exec(source)?.[1]?.toLowerCase();
  if (ending !== undefined) return ending === 'json' ? 'json' : 'yaml';
  return /^\s*\{/.test(text) ? 'json' : 'yaml';
}
