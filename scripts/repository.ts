import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds the root `package.json`, as an absolute path. */
export const repositoryRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** Folders that hold nothing written by hand. */
const generatedFolders = new Set(['node_modules', 'dist', 'coverage']);

/**
 * Paths of all files under `root` whose name ends in one of `endings`, from `root`, with `/`, sorted.
 *
 * Installed, generated and hidden folders are left out.
 */
export function listFiles(root: string, endings: readonly string[]): readonly string[] {
  const found: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) {
        if (!generatedFolders.has(entry.name) && !entry.name.startsWith('.')) {
          visit(join(folder, entry.name));
        }
      } else if (endings.some((ending) => entry.name.endsWith(ending))) {
        found.push(relative(root, join(folder, entry.name)).replaceAll('\\', '/'));
      }
    }
  };
  visit(root);
  return found.toSorted();
}

/** The nearest folder at or above `folder` that has a `package.json`, from `root`; `.` for the root itself. */
export function packageOf(root: string, folder: string): string {
  let current = folder;
  while (current !== '.' && current !== '' && !existsSync(join(root, current, 'package.json'))) {
    current = dirname(current);
  }
  return current === '' ? '.' : current;
}
