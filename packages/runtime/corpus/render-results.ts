import { inspect } from 'node:util';
import { guaranteeNames } from './guarantee-table.ts';
import type { CaseResult, Verdict } from './run-case.ts';

/** The results as text: one line for each case below its guarantee, what went wrong, and a summary. */
export function renderResults(results: readonly CaseResult[]): string {
  const width = Math.max(...results.map(({ hostile }) => hostile.id.length));
  const lines: string[] = [];
  for (const [index, name] of guaranteeNames.entries()) {
    const own = results.filter(({ hostile }) => hostile.guarantee === index + 1);
    if (own.length === 0) continue;
    lines.push(`${index + 1} ${name}`);
    for (const { hostile, plain, tracewright } of own) {
      lines.push(`  ${hostile.id.padEnd(width)}  plain: broken as described ${sign(plain)}  tracewright: right ${sign(tracewright)}`);
      lines.push(...describeFault(`plain OpenTelemetry is not broken as described: ${hostile.plain.breakage}`, plain));
      lines.push(...describeFault(`Tracewright does not keep its promise: ${hostile.tracewright.promise}`, tracewright));
    }
  }
  return [...lines, '', summary(results)].join('\n');
}

/** Whether every case holds on both sides. */
export function allHeld(results: readonly CaseResult[]): boolean {
  return results.every(({ plain, tracewright }) => plain.held && tracewright.held);
}

function summary(results: readonly CaseResult[]): string {
  const broken = results.filter(({ plain }) => plain.held).length;
  const right = results.filter(({ tracewright }) => tracewright.held).length;
  return `${results.length} cases: plain OpenTelemetry broken as described in ${broken}, Tracewright right in ${right}`;
}

function sign({ held }: Verdict): string {
  return held ? '✓' : '✗';
}

function describeFault(headline: string, verdict: Verdict): readonly string[] {
  if (verdict.held) return [];
  const text = verdict.error instanceof Error ? (verdict.error.stack ?? verdict.error.message) : inspect(verdict.error);
  return [headline, ...text.split('\n')].map((line) => `      ${line}`);
}
