import { existsSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isPlainObject } from '../../kernel/check.ts';
import { isTracewrightError } from '../../kernel/errors.ts';
import { type Component, requireComponent } from '../component.ts';
import { packageUrl } from './package-module.ts';
import { codeOf, said } from './said-by-errors.ts';
import { wrongUsage } from './wrong-usage.ts';

const fileNames = ['components.js', 'components.mjs', 'components.ts'];

/**
 * The components that a module exports: everything that `defineComponent` made, and arrays of it.
 *
 * @param given a file or a package; nothing: a file of the usual name beside the footprint
 * @throws {TracewrightError} `TW_BAD_OPTION` where there is no such module, it cannot be loaded, or it exports no components; says where it was looked for
 */
export async function loadComponents(given: string | undefined, footprint: string | undefined): Promise<readonly Component[]> {
  const path = given === undefined ? fileBeside(footprint) : fileOf(given);
  const url = path === undefined ? packageUrl(given ?? '') : pathToFileURL(path).href;
  const module = await load(url, path ?? given ?? '');
  const exported = [...new Set(Object.values(module).flatMap((value): unknown[] => (Array.isArray(value) ? value : [value])))];
  const components = exported.filter(isComponent);
  if (components.length > 0) return components;
  const foreign = exported.some(isForeign);
  const why = foreign
    ? 'its components were made by another copy of tracewright: start the command that is installed beside them, with npx tracewright'
    : `it exports ${listed(Object.keys(module).toSorted())}, and none of it was made by defineComponent, nor is an array of that`;
  throw wrongUsage('components', `${path ?? given} has no components: ${why}`);
}

function fileBeside(footprint: string | undefined): string {
  const folder = resolve(footprint === undefined || footprint === '-' ? '.' : dirname(footprint));
  const found = fileNames.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw wrongUsage(
    'components',
    `no components: there is no ${fileNames.join(', ')} in ${folder}; write one that exports what defineComponent() gives, or name a module with --components`,
  );
}

/** Nothing where it is the name of a package. */
function fileOf(given: string): string | undefined {
  if (given.trim() === '') throw wrongUsage('components', '--components must be a file or a package, received no name');
  const path = resolve(given);
  const isPath = /^\.{0,2}(?:[/\\]|$)/.test(given);
  const found = statSync(path, { throwIfNoEntry: false });
  // A package may be called as a folder beside it.
  if (found?.isDirectory() === true && !isPath) return undefined;
  if (found?.isDirectory() === true) throw wrongUsage('components', `--components: ${path} is a folder: name the file in it`);
  if (found !== undefined) return path;
  if (isPath || fileEndings.has(extname(given))) throw wrongUsage('components', `--components: there is no file ${path}`);
  return undefined;
}

const fileEndings = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts']);

async function load(url: string, name: string): Promise<Record<string, unknown>> {
  try {
    const module: unknown = await settled(import(url));
    return { ...(module as object) }; // A module is an object of its exports.
  } catch (cause) {
    const isMissing = codeOf(cause) === 'ERR_MODULE_NOT_FOUND' && url === name && said(cause).includes(`'${name}'`);
    if (isMissing)
      throw wrongUsage(
        'components',
        `--components: ${name} is neither a file in ${process.cwd()} nor a package that can be found there`,
        cause,
      );
    throw wrongUsage('components', `${name} cannot be loaded: ${whyNot(cause)}`, cause);
  }
}

/** Rejects where nothing is left that could settle it: Node would end without a word of ours. */
async function settled(loading: Promise<unknown>): Promise<unknown> {
  let giveUp: () => void = () => undefined;
  const stuck = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(new Error('it waits at its top level for what never comes'));
  });
  process.once('beforeExit', giveUp);
  try {
    return await Promise.race([loading, stuck]);
  } finally {
    process.off('beforeExit', giveUp);
  }
}

function whyNot(cause: unknown): string {
  if (codeOf(cause) === 'ERR_UNKNOWN_FILE_EXTENSION' && said(cause).includes('ts"'))
    return 'this Node does not run TypeScript by itself; with tsx installed: NODE_OPTIONS="--import tsx"';
  return said(cause);
}

function isComponent(value: unknown): value is Component {
  try {
    requireComponent('component', value);
    return true;
  } catch (error) {
    if (isTracewrightError(error, 'TW_BAD_OPTION')) return false;
    throw error;
  }
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  return names.length > 10 ? `${names.slice(0, 10).join(', ')} and others` : names.join(', ');
}

function isForeign(value: unknown): boolean {
  return isPlainObject(value) && Object.isFrozen(value) && 'aspects' in value && 'interests' in value && 'name' in value;
}
