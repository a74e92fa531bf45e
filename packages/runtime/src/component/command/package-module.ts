import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isPlainObject } from '../../kernel/check.ts';
import { codeOf } from './said-by-errors.ts';

/**
 * Where the module of a package lies, as a module in the working folder would find it. The name itself where it is not there: then this package may find it.
 */
export function packageUrl(name: string): string {
  const require = createRequire(join(process.cwd(), 'package.json'));
  try {
    return pathToFileURL(require.resolve(name)).href;
  } catch (error) {
    // It is there, and can be imported only.
    const path = codeOf(error) === 'ERR_PACKAGE_PATH_NOT_EXPORTED' ? importedPath(name, require.resolve.paths(name) ?? []) : undefined;
    return path === undefined ? name : pathToFileURL(path).href;
  }
}

function importedPath(name: string, folders: readonly string[]): string | undefined {
  const [, packageName = name, rest = ''] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(name) ?? [];
  const folder = folders.map((each) => join(each, packageName)).find((each) => existsSync(join(each, 'package.json')));
  if (folder === undefined) return undefined;
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const exported = isPlainObject(manifest) ? manifest['exports'] : undefined;
  const isBySubpath = isPlainObject(exported) && Object.keys(exported).some((key) => key.startsWith('.'));
  const target = targetOf(isBySubpath ? exported[`.${rest}`] : rest === '' ? exported : undefined);
  return target === undefined ? undefined : join(folder, target);
}

const conditions: ReadonlySet<string> = new Set(['import', 'node', 'module-sync', 'default']);

/** What is meant for `import`: the first condition that holds counts, in the order of the package. */
function targetOf(exported: unknown): string | undefined {
  if (typeof exported === 'string') return exported.startsWith('./') ? exported : undefined;
  if (Array.isArray(exported)) return exported.map(targetOf).find((target) => target !== undefined);
  if (!isPlainObject(exported)) return undefined;
  for (const [condition, target] of Object.entries(exported)) {
    const found = conditions.has(condition) ? targetOf(target) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
