import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { registerContextManager } from './context-manager.ts';
import { replaceProofs } from './guarantee-table.ts';
import { hostileCases } from './index.ts';
import { allHeld, renderResults } from './render-results.ts';
import { type CaseResult, runCase } from './run-case.ts';
import { findGuaranteeTests } from './test-titles.ts';

const page = fileURLToPath(new URL('../../../docs/guarantees.md', import.meta.url));
const sources = fileURLToPath(new URL('../src', import.meta.url));
const options = process.argv.slice(2);
const unknown = options.filter((option) => option !== '--write' && option !== '--check');
if (unknown.length > 0) {
  console.error(
    `unknown option ${unknown.join(' ')}; known: --write (writes the table of docs/guarantees.md), --check (fails when it is stale)`,
  );
  process.exit(2);
}

registerContextManager();
const results: CaseResult[] = [];
for (const hostile of hostileCases) results.push(await runCase(hostile));
console.log(renderResults(results));

const before = readFileSync(page, 'utf8');
const after = replaceProofs(before, { cases: hostileCases, tests: findGuaranteeTests(sources) });
const isStale = before !== after;
if (options.includes('--write')) {
  writeFileSync(page, after);
  console.log(isStale ? 'docs/guarantees.md: table written' : 'docs/guarantees.md: table was up to date');
} else if (options.includes('--check') && isStale) {
  console.error('docs/guarantees.md: the table is stale; npm run corpus -- --write writes it');
}
process.exitCode = allHeld(results) && !(options.includes('--check') && isStale) ? 0 : 1;
