import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Footprint } from '../footprint.ts';
import { nearestOf } from '../footprint/nearest.ts';
import { parseFootprint } from '../footprint/parse-footprint.ts';
import { wrongUsage } from './wrong-usage.ts';

/** The text of a footprint, and what it is called in errors. */
export interface FootprintText {
  readonly text: string;
  readonly source: string;
}

/** Text as it comes in; `process.stdin` is one. */
export type Input = AsyncIterable<string | Uint8Array>;

/**
 * The footprint in a file, or in standard input where its name is `-`.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` where there is nothing to read; `TW_BAD_FOOTPRINT` for what is no footprint
 */
export async function readFootprint(path: string, stdin: Input, format: 'yaml' | 'json' | 'auto'): Promise<Footprint> {
  const source = path === '-' ? 'standard input' : path;
  const text = path === '-' ? await textOf(stdin) : await readText(path);
  return parseFootprint(text, { source, format });
}

/** @throws {TracewrightError} `TW_BAD_OPTION` saying why the file cannot be read */
export async function readText(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: unknown) => notRead(path, error));
}

async function textOf(input: Input): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of input) text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'that is a folder: name the file in it',
  EACCES: 'it must not be read by this user',
  EPERM: 'it must not be read by this user',
};

async function notRead(path: string, cause: unknown): Promise<never> {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const near = code === 'ENOENT' ? await neighbourOf(path) : undefined;
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  const message = `the footprint ${path} cannot be read: ${reasons[code] ?? String(cause)}${hint}`;
  throw wrongUsage('footprint', message, cause);
}

/** What stands beside it and may be meant. */
async function neighbourOf(path: string): Promise<string | undefined> {
  try {
    const near = nearestOf(basename(path), await readdir(dirname(path)));
    return near === undefined ? undefined : path.slice(0, path.length - basename(path).length) + near;
  } catch {
    // There is not even the folder, and so nothing to propose.
    return undefined;
  }
}
