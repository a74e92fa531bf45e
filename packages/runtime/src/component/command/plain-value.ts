import { isTracewrightError } from '../../kernel/errors.ts';
import type { FootprintNode } from '../footprint/node.ts';
import { plainOf } from '../footprint/plain.ts';
import { FootprintProblems } from '../footprint/problems.ts';
import { readYaml } from '../footprint/read-yaml.ts';
import { wrongUsage } from './wrong-usage.ts';

/**
 * A value from the command line: what begins with a bracket, a brace or a quote is YAML; null, booleans and numbers are what YAML 1.2 takes them for; everything else is
 * text as it stands, without any sign that needs to be quoted.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION`, without the value: it may be a secret
 */
export function plainValueOf(origin: string, text: string): unknown {
  if (/^\s*[[{"']/.test(text)) return yamlOf(origin, text);
  if (!/^[-+.\w~]+$/.test(text)) return text;
  const node = scalarOf(text);
  return node?.kind === 'scalar' ? node.value : text;
}

/** As `plainValueOf`, always YAML. */
export function yamlOf(origin: string, text: string): unknown {
  try {
    const problems = new FootprintProblems(text, origin);
    const value = plainOf(readYaml(text, problems), { path: '', problems });
    problems.throwIfAny();
    return value;
  } catch (error) {
    if (!isTracewrightError(error, 'TW_BAD_FOOTPRINT')) throw error;
    // Its messages name places and no values.
    throw wrongUsage(origin, `${origin} has a value that cannot be read:\n${error.message}`);
  }
}

/** Nothing where the text is no YAML at all: then it is what it is. */
function scalarOf(text: string): FootprintNode | undefined {
  try {
    return readYaml(text, new FootprintProblems(text, 'value'));
  } catch (error) {
    if (isTracewrightError(error, 'TW_BAD_FOOTPRINT')) return undefined;
    throw error;
  }
}
