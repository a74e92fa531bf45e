import { FootprintProblems } from './problems.ts';
import { readText } from './parse-footprint.ts';

/** The identifier in `remove: <identifier>`, in YAML or JSON; `undefined` where the text says something else, or nothing that can be read. */
export function parseRemoval(text: string): string | undefined {
  const problems = new FootprintProblems(text, 'removal');
  try {
    const node = readText(text, problems, { format: 'auto', source: 'removal' });
    problems.throwIfAny();
    if (node.kind !== 'object' || node.members.length !== 1) return undefined;
    const [{ key, node: value } = { key: '', node }] = node.members;
    return key === 'remove' && value.kind === 'scalar' && typeof value.value === 'string' && value.value !== '' ? value.value : undefined;
  } catch {
    // Whoever reads it as a footprint says what is wrong with it.
    return undefined;
  }
}
