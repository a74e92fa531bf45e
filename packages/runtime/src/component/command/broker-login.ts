import { readFile } from 'node:fs/promises';
import { badOption } from '../../kernel/errors.ts';
import { codeOf } from './said-by-errors.ts';
import { wrongUsage } from './wrong-usage.ts';
import type { Environment } from './flag.ts';

/** What a broker asks for, from the environment: never from the command line, which every user of a machine can read. */
export type BrokerLogin =
  | { readonly kind: 'none' }
  | { readonly kind: 'user'; readonly user: string; readonly password: string; readonly mechanism: string | undefined }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'nkeySeed'; readonly nkeySeed: string }
  | { readonly kind: 'creds'; readonly creds: string };

/** Paths of files for TLS. Nothing: as the broker wants it. */
export interface BrokerTls {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

const prefix = 'TRACEWRIGHT_TRANSPORT_';

/** All that is read here. */
export const brokerVariables: readonly string[] = [
  ...['USER', 'PASSWORD', 'MECHANISM', 'TOKEN', 'NKEY_SEED', 'CREDS_FILE'],
  ...['TLS', 'CA_FILE', 'CERT_FILE', 'KEY_FILE'],
].map((name) => prefix + name);

/** @throws {TracewrightError} `TW_BAD_OPTION` naming the variables that do not go together; values are never shown */
export async function brokerLogin(env: Environment): Promise<BrokerLogin> {
  const text = (name: string): string | undefined => env[`${prefix}${name}`] || undefined;
  const user = text('USER');
  const password = text('PASSWORD');
  const given = ['USER', 'TOKEN', 'NKEY_SEED', 'CREDS_FILE'].filter((name) => text(name) !== undefined);
  if (given.length > 1)
    throw wrongUsage(`${prefix}*`, `${given.map((name) => prefix + name).join(' and ')} are given: one of them is enough`);
  if ((user === undefined) !== (password === undefined))
    throw wrongUsage(
      `${prefix}*`,
      `${prefix}USER and ${prefix}PASSWORD belong together: ${prefix}${user === undefined ? 'USER' : 'PASSWORD'} is missing`,
    );
  if (user !== undefined && password !== undefined) return { kind: 'user', user, password, mechanism: text('MECHANISM') };
  const token = text('TOKEN');
  if (token !== undefined) return { kind: 'token', token };
  const nkeySeed = text('NKEY_SEED');
  if (nkeySeed !== undefined) return { kind: 'nkeySeed', nkeySeed };
  const file = text('CREDS_FILE');
  return file === undefined ? { kind: 'none' } : { kind: 'creds', creds: await contentsOf(`${prefix}CREDS_FILE`, file) };
}

/** The settings for TLS, where there are any, or where `TRACEWRIGHT_TRANSPORT_TLS` asks for it. */
export function brokerTls(env: Environment): BrokerTls | undefined {
  const wanted = env[`${prefix}TLS`] || undefined;
  if (wanted !== undefined && wanted !== 'true' && wanted !== 'false') throw badOption(`${prefix}TLS`, 'true or false', wanted);
  const [caFile, certFile, keyFile] = ['CA_FILE', 'CERT_FILE', 'KEY_FILE'].map((name) => env[`${prefix}${name}`] || undefined);
  if (wanted === 'false' || (wanted === undefined && caFile === undefined && certFile === undefined && keyFile === undefined))
    return undefined;
  return {
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
  };
}

async function contentsOf(variable: string, path: string): Promise<string> {
  try {
    const contents = await readFile(path, 'utf8');
    if (contents.trim() !== '') return contents;
  } catch (cause) {
    throw wrongUsage(variable, `${variable} names a file that cannot be read (${codeOf(cause) ?? String(cause)}): ${path}`, cause);
  }
  throw wrongUsage(variable, `${variable} names a file that is empty: ${path}`);
}
