import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { findCycles } from './import-cycles.ts';
import { type ImportRow, namesPackage, parseImportTable, parseTestImports, rowOf } from './import-table.ts';
import type { Problem } from './problem.ts';
import { listFiles, packageOf } from './repository.ts';
import { readSource, type SourceFacts } from './source-imports.ts';

const architecture = 'docs/architecture.md';

/** The testing kit and the OpenTelemetry SDK, which the sentence above the import table names in words. */
const testKit = ['tracewright/testing', 'packages/runtime/src/testing', '@opentelemetry/*'];

const isTest = (file: string): boolean => /\.test(-d|-kit)?\.tsx?$/.test(file);

const ownsSpans = (file: string): boolean =>
  /^packages\/runtime\/src\/(kernel\/open-span\.ts$|otel\/probe\.ts$|testing\/)/.test(file) || isTest(file);

/**
 * What the sources under `root` do that the import table in their docs/architecture.md does not allow.
 *
 * Files directly in `root` are the settings of tools and have no row.
 */
export function findLayerProblems(root: string): readonly Problem[] {
  const page = readFileSync(join(root, architecture), 'utf8');
  const rows = parseImportTable(page);
  if (rows.length === 0) {
    return [{ file: architecture, message: 'has no table under a heading `Import table`' }];
  }
  const sources = new Map<string, SourceFacts>();
  for (const file of listFiles(root, ['.ts', '.tsx']).filter((path) => path.includes('/'))) {
    sources.set(file, readSource(file, readFileSync(join(root, file), 'utf8')));
  }
  return [
    ...rows.flatMap((row) => judgeRow(root, row)),
    ...foldersWithoutRow(rows, [...sources.keys()]),
    ...[...sources].flatMap(([file, facts]) =>
      judgeFile({ root, rows, testImports: [...testKit, ...parseTestImports(page)] }, file, facts),
    ),
    ...judgeCycles(sources),
  ];
}

function judgeRow(root: string, row: ImportRow): readonly Problem[] {
  const folders = row.mayImport.filter((name) => name.startsWith('packages/'));
  return [row.folder, ...folders]
    .filter((folder) => !existsSync(join(root, folder)))
    .map((folder) => ({ file: architecture, line: row.line, message: `names the folder \`${folder}\`, which does not exist` }));
}

function foldersWithoutRow(rows: readonly ImportRow[], files: readonly string[]): readonly Problem[] {
  const folders = new Set(files.filter((file) => rowOf(rows, file) === undefined).map((file) => dirname(file)));
  return [...folders].map((folder) => ({ file: folder, message: `holds sources, but no row of ${architecture} speaks of this folder` }));
}

interface Tree {
  readonly root: string;
  readonly rows: readonly ImportRow[];
  readonly testImports: readonly string[];
}

function judgeFile(tree: Tree, file: string, { imports, spanCalls }: SourceFacts): readonly Problem[] {
  const problems: Problem[] = [];
  const row = rowOf(tree.rows, file);
  if (row !== undefined) {
    for (const { specifier, line } of imports) {
      const fault = specifier === undefined ? faultOfComputed(file, row) : faultOfImport(tree, { file, row }, specifier);
      if (fault !== undefined) {
        problems.push({ file, line, message: `${fault} (row \`${row.folder}\`, ${architecture}:${row.line})` });
      }
    }
  }
  if (file.startsWith('packages/runtime/src/') && !ownsSpans(file)) {
    for (const { call, line } of spanCalls) {
      problems.push({ file, line, message: `uses \`${call}\`; only packages/runtime/src/kernel/open-span.ts starts and ends spans` });
    }
  }
  return problems;
}

/** What a row says where modules are loaded whose names its users give. */
const anyModule = '(any)';

function faultOfComputed(file: string, row: ImportRow): string | undefined {
  if (!/^packages\/[^/]+\/src\//.test(file) || row.mayImport.includes(anyModule)) return undefined;
  return `imports a computed name, which only a row with ${anyModule} allows`;
}

interface Importer {
  readonly file: string;
  readonly row: ImportRow;
}

/** Why the import is not allowed; undefined when it is. */
function faultOfImport(tree: Tree, { file, row }: Importer, specifier: string): string | undefined {
  const allowed = isTest(file) ? [...row.mayImport, ...tree.testImports] : row.mayImport;
  if (!specifier.startsWith('.')) {
    return namesPackage(allowed, specifier) ? undefined : `imports \`${specifier}\`, which its row does not allow`;
  }
  const target = posix.join(posix.dirname(file), specifier);
  const home = packageOf(tree.root, dirname(file));
  if (packageOf(tree.root, dirname(target)) !== home) {
    return `imports \`${specifier}\`, which leaves its package ${home}`;
  }
  const targetRow = rowOf(tree.rows, target);
  if (targetRow === undefined) {
    return `imports \`${specifier}\`, but no row speaks of ${target}`;
  }
  const isAllowed = targetRow === row || allowed.includes(targetRow.folder);
  return isAllowed ? undefined : `imports \`${specifier}\` of ${targetRow.folder}, which its row does not allow`;
}

function judgeCycles(sources: ReadonlyMap<string, SourceFacts>): readonly Problem[] {
  const graph = new Map<string, readonly string[]>();
  for (const [file, { imports }] of sources) {
    const targets = imports.flatMap(({ specifier, typeOnly }) =>
      specifier?.startsWith('.') === true && !typeOnly ? [posix.join(posix.dirname(file), specifier)] : [],
    );
    graph.set(
      file,
      targets.filter((target) => sources.has(target)),
    );
  }
  return findCycles(graph).map((cycle) => {
    const [first = ''] = cycle;
    return { file: first, message: `is on an import cycle: ${[...cycle, first].join(' → ')}` };
  });
}
