import { goals, showGoal, verdict } from './goals.ts';
import type { Figure, NodeResult, VariantTime } from './results.ts';

const nanosPerSecond = 1_000_000_000;
const nanosPerMicro = 1000;

/** The results of one suite as a table in Markdown, one column of figures and one of verdicts per Node. */
export function figureTable(results: readonly NodeResult[]): string {
  const [first] = results;
  if (first === undefined) return '';
  const head = ['Figure', 'Of', 'To', 'Goal', ...results.flatMap(({ node }) => [`Node ${node}`, 'lowest–highest', 'Verdict'])];
  const lines = first.figures.map(({ figure, of, to }) => {
    const cells = results.flatMap(({ figures }) => figureCells(figures.find((other) => other.figure === figure)));
    return [figure, of, to, showGoal(goals[figure]), ...cells];
  });
  return table([head, ...lines]);
}

/** The times behind the ratios: of calls in nanoseconds; of messages as how many in a second, and processor time for each. They belong to the machine and the day. */
export function timeTable(results: readonly NodeResult[]): string {
  const [first] = results;
  if (first === undefined) return '';
  const isOfMessages = first.variants.some(({ processorNs }) => processorNs !== undefined);
  const unit = isOfMessages ? 'messages per second / processor µs per message' : 'average / p50 in ns';
  const head = ['Comparison', 'Variant', ...results.map(({ node }) => `Node ${node}: ${unit}`)];
  const lines = first.variants.map(({ comparison, name }) => {
    const cells = results.map(({ variants }) => {
      const time = variants.find((other) => other.comparison === comparison && other.name === name);
      return time === undefined ? '' : timeCell(time);
    });
    return [comparison, name, ...cells];
  });
  return table([head, ...lines]);
}

function timeCell({ averageNs, p50Ns, processorNs }: VariantTime): string {
  if (processorNs === undefined) return `${averageNs} / ${p50Ns}`;
  return `${Math.round(nanosPerSecond / averageNs)} / ${(processorNs / nanosPerMicro).toFixed(1)}`;
}

/** What importing the package loads, by package; empty where nobody has looked. */
export function loadedLine({ node, loaded }: NodeResult): string {
  if (Object.keys(loaded).length === 0) return '';
  const packages = Object.entries(loaded).map(([name, files]) => `${name} ${files}`);
  const sdk = Object.keys(loaded).filter((name) => name.startsWith('@opentelemetry/') && name !== '@opentelemetry/api');
  return `Node ${node} loads these files: ${packages.join(', ')}. OpenTelemetry SDK: ${sdk.length === 0 ? 'not loaded' : sdk.join(', ')}.`;
}

/** What was left out on one Node, and why, one line each. */
export function skippedLines({ node, skipped = [] }: NodeResult): readonly string[] {
  return skipped.map((reason) => `Node ${node}: ${reason}`);
}

function figureCells(found: Figure | undefined): string[] {
  if (found === undefined) return ['', '', ''];
  const { figure, unit, value } = found;
  return [
    show(value.median, unit),
    `${show(value.lowest, unit)}–${show(value.highest, unit)}`,
    verdict(goals[figure], value.median)?.text ?? '',
  ];
}

function show(value: number, unit: Figure['unit']): string {
  return unit === 'ratio' ? `${value.toFixed(2)}×` : `${value.toFixed(1)} ${unit}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const [head = [], ...rest] = rows;
  return [line(head), rule, ...rest.map(line)].join('\n');
}
