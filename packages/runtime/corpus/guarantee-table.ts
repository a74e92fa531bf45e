import { TracewrightError } from 'tracewright';
import type { HostileCase } from './hostile-case.ts';
import type { GuaranteeTest } from './test-titles.ts';

const begin = '<!-- corpus:begin -->';
const end = '<!-- corpus:end -->';

/** Short names, as the headings of the page have them. */
export const guaranteeNames = [
  'Ended once',
  'Bounded',
  'Own root, linked',
  'Streams keep their caller',
  'Who and where, always',
  'Honest outcome',
  'Nothing leaks',
  'A good guest',
  'Telemetry cannot break work',
  'Budgets',
  'Ordered end',
  'Cheap',
] as const;

export interface Proofs {
  readonly cases: readonly HostileCase[];
  readonly tests: readonly GuaranteeTest[];
}

/** The table of the page: which cases and which tests prove which guarantee. */
export function renderProofs({ cases, tests }: Proofs): string {
  const rows = guaranteeNames.map((name, index) => {
    const guarantee = index + 1;
    const ofCases = cases
      .filter((hostile) => hostile.guarantee === guarantee)
      .map(({ id }) => `[${id}](../packages/runtime/corpus/cases/${id}.ts)`);
    const ofTests = tests.filter((test) => test.guarantee === guarantee).map(({ title, file }) => `${escape(title)} (\`${file}\`)`);
    return `| ${guarantee} ${name} | ${cell(ofCases)} | ${cell(ofTests)} |`;
  });
  return ['| Guarantee | Cases | Tests |', '|---|---|---|', ...rows].join('\n');
}

/**
 * `page` with its table written anew.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` when the page has not the two marks
 */
export function replaceProofs(page: string, proofs: Proofs): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new TracewrightError('TW_BAD_OPTION', `the page of guarantees has no marks ${begin} and ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${renderProofs(proofs)}\n\n${page.slice(to)}`;
}

function cell(entries: readonly string[]): string {
  return entries.length === 0 ? '—' : entries.join('<br>');
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
