import { splitRow } from './markdown.ts';

/** One row of the import table in docs/architecture.md. */
export interface ImportRow {
  readonly folder: string;
  /** Folders from the root of the repository, and package names that may end in `/*` or `:*`. */
  readonly mayImport: readonly string[];
  /** 1-based line in the markdown file. */
  readonly line: number;
}

/** The rows under the heading `Import table`; empty when there is no such heading or no table under it. */
export function parseImportTable(markdown: string): readonly ImportRow[] {
  const rows: ImportRow[] = [];
  let inside = false;
  for (const [index, text] of markdown.split('\n').entries()) {
    if (text.startsWith('#')) {
      inside = /^#+\s+Import table\s*$/.test(text);
    } else if (inside && text.startsWith('|')) {
      const [folder = '', names = ''] = splitRow(text).map(withoutTicks);
      if (folder !== '' && folder !== 'Folder' && !/^:?-+:?$/.test(folder)) {
        rows.push({
          folder,
          mayImport: names
            .split(',')
            .map((name) => name.trim())
            .filter((name) => name !== ''),
          line: index + 1,
        });
      }
    }
  }
  return rows;
}

/** What the sentence `Test files (…) may also import …` allows beside the row of a test: its names in backticks, pattern of files left out. */
export function parseTestImports(markdown: string): readonly string[] {
  const sentence = /Test files \([^)]*\) may also import ([^|#]*?)\.\s/.exec(markdown)?.[1] ?? '';
  return [...sentence.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

/**
 * The row that speaks of the file at `path`: the most specific one. A row with rows below it speaks of the files directly in its folder
 * only, so that a new folder beside its siblings needs a row of its own.
 */
export function rowOf(rows: readonly ImportRow[], path: string): ImportRow | undefined {
  const containing = rows.filter(({ folder }) => path.startsWith(`${folder}/`)).toSorted((a, b) => b.folder.length - a.folder.length);
  const [nearest] = containing;
  if (nearest === undefined) {
    return undefined;
  }
  const isParent = rows.some(({ folder }) => folder.startsWith(`${nearest.folder}/`));
  const isDirectlyInside = !path.slice(nearest.folder.length + 1).includes('/');
  return isParent && !isDirectlyInside ? undefined : nearest;
}

/** Whether one of `patterns` names the package `specifier`: `node:*` and `@opentelemetry/*` stand for any name that begins so. */
export function namesPackage(patterns: readonly string[], specifier: string): boolean {
  return patterns.some((pattern) => (pattern.endsWith('*') ? specifier.startsWith(pattern.slice(0, -1)) : pattern === specifier));
}

function withoutTicks(cell: string): string {
  return cell.replaceAll('`', '').trim();
}
