import { attributes, events, metrics, spans } from '@tracewright/conventions';
import { joinRow, splitRow } from './markdown.ts';
import type { Problem } from './problem.ts';

/** One generated table of docs/traces.md, between `<!-- name:begin -->` and `<!-- name:end -->`. */
export interface TraceTable {
  readonly name: 'attributes' | 'spans' | 'events' | 'metrics';
  readonly columns: readonly string[];
  /** Cells as text; the first one is the key, in backticks. */
  readonly rows: readonly (readonly string[])[];
}

export const tracesPage = 'docs/traces.md';

/** The tables as the conventions have them, sorted by key. */
function traceTables(): readonly TraceTable[] {
  const keys = Object.values(attributes).map((definition) => {
    const unit = 'unit' in definition ? definition.unit : '';
    return [tick(definition.key), definition.type, unit, definition.stability, definition.source, definition.description];
  });
  return [
    { name: 'attributes', columns: ['Key', 'Type', 'Unit', 'Stability', 'Source', 'Meaning'], rows: byKey(keys) },
    {
      name: 'spans',
      columns: ['Span', 'Kind', 'Meaning'],
      rows: byKey(Object.values(spans).map(({ name, kind, description }) => [tick(name), kind, description])),
    },
    {
      name: 'events',
      columns: ['Event', 'Meaning'],
      rows: byKey(Object.values(events).map(({ name, description }) => [tick(name), description])),
    },
    {
      name: 'metrics',
      columns: ['Metric', 'Instrument', 'Unit', 'Meaning'],
      rows: byKey(Object.values(metrics).map(({ name, instrument, unit, description }) => [tick(name), instrument, unit, description])),
    },
  ];
}

/**
 * The page with its generated tables written anew.
 *
 * @throws {Error} when the page lacks a marker
 */
export function writeTraceTables(markdown: string, tables: readonly TraceTable[] = traceTables()): string {
  let page = markdown;
  for (const table of tables) {
    const place = findPlace(page, table);
    if (place === undefined) {
      throw new Error(`${tracesPage} lacks ${begin(table)} or ${end(table)}`);
    }
    const divider = `|${table.columns.map(() => '---').join('|')}|`;
    const lines = [joinRow(table.columns), divider, ...table.rows.map(joinRow)];
    page = `${page.slice(0, place.from)}\n\n${lines.join('\n')}\n\n${page.slice(place.to)}`;
  }
  return page;
}

/** How the tables on the page differ from the conventions, in both directions and cell by cell. */
export function findTraceTableProblems(markdown: string, tables: readonly TraceTable[] = traceTables()): readonly Problem[] {
  return tables.flatMap((table) => {
    const place = findPlace(markdown, table);
    if (place === undefined) {
      return [{ file: tracesPage, message: `lacks ${begin(table)} or ${end(table)}` }];
    }
    const firstLine = markdown.slice(0, place.from).split('\n').length;
    return compareRows(table, markdown.slice(place.from, place.to).split('\n'), firstLine);
  });
}

function compareRows(table: TraceTable, lines: readonly string[], firstLine: number): readonly Problem[] {
  const problems: Problem[] = [];
  const expected = new Map(table.rows.map((row) => [row[0] ?? '', row]));
  for (const [index, text] of lines.entries()) {
    const cells = text.startsWith('|') ? splitRow(text) : [];
    const key = cells[0] ?? '';
    if (key.startsWith('`')) {
      const row = expected.get(key);
      const message =
        row === undefined ? `lists ${key}, which the conventions lack or the page has twice` : differenceOf(table, row, cells);
      problems.push(...(message === undefined ? [] : [{ file: tracesPage, line: firstLine + index, message }]));
      expected.delete(key);
    }
  }
  return [...problems, ...[...expected.keys()].map((key) => ({ file: tracesPage, message: `lacks ${key} in the table of ${table.name}` }))];
}

function differenceOf({ columns }: TraceTable, row: readonly string[], cells: readonly string[]): string | undefined {
  const column = columns.findIndex((_, index) => row[index] !== cells[index]);
  return column === -1
    ? undefined
    : `${row[0] ?? ''}: ${columns[column] ?? ''} is \`${cells[column] ?? ''}\`, in the conventions \`${row[column] ?? ''}\``;
}

function findPlace(markdown: string, table: TraceTable): { from: number; to: number } | undefined {
  const at = markdown.indexOf(begin(table));
  const to = markdown.indexOf(end(table));
  return at === -1 || to < at ? undefined : { from: at + begin(table).length, to };
}

const begin = ({ name }: TraceTable): string => `<!-- ${name}:begin -->`;
const end = ({ name }: TraceTable): string => `<!-- ${name}:end -->`;
const tick = (name: string): string => `\`${name}\``;

function byKey(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return rows.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
}
