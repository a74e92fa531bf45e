import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { brokerLogin, brokerTls } from './broker-login.ts';

const env = (variables: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [`TRACEWRIGHT_TRANSPORT_${name}`, value]));

test.each([
  [{}, { kind: 'none' }],
  [{ USER: '', TOKEN: '' }, { kind: 'none' }],
  [
    { USER: 'shop', PASSWORD: 'p' },
    { kind: 'user', user: 'shop', password: 'p' },
  ],
  [
    { USER: 'shop', PASSWORD: 'p', MECHANISM: 'plain' },
    { kind: 'user', user: 'shop', password: 'p', mechanism: 'plain' },
  ],
  [{ TOKEN: 't' }, { kind: 'token', token: 't' }],
  [{ NKEY_SEED: 's' }, { kind: 'nkeySeed', nkeySeed: 's' }],
])('%j are the credentials %j', async (variables, login) => expect(await brokerLogin(env(variables))).toEqual(login));

test('credentials in a file are read; a file that is not there, or empty, is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tracewright-login-'));
  const file = join(folder, 'shop.creds');
  await expect(brokerLogin(env({ CREDS_FILE: file }))).rejects.toThrow(
    `TRACEWRIGHT_TRANSPORT_CREDS_FILE names a file that cannot be read (ENOENT): ${file}`,
  );
  await writeFile(file, '\n');
  await expect(brokerLogin(env({ CREDS_FILE: file }))).rejects.toThrow(`CREDS_FILE names a file that is empty: ${file}`);
  await writeFile(file, 'contents');
  await expect(brokerLogin(env({ CREDS_FILE: file }))).resolves.toEqual({ kind: 'creds', creds: 'contents' });
  await rm(folder, { recursive: true });
});

test.each([
  [{ USER: 'shop' }, 'TRACEWRIGHT_TRANSPORT_PASSWORD is missing'],
  [{ PASSWORD: 'p' }, 'TRACEWRIGHT_TRANSPORT_USER is missing'],
  [{ USER: 'shop', PASSWORD: 'p', TOKEN: 't' }, 'TRACEWRIGHT_TRANSPORT_USER and TRACEWRIGHT_TRANSPORT_TOKEN are given'],
])('%j do not go together: %s', async (variables, message) =>
  expect(brokerLogin(env(variables))).rejects.toThrow(
    expect.objectContaining({ code: 'TW_BAD_OPTION', message: expect.stringContaining(message) }),
  ),
);

test.each([
  [{}, undefined],
  [{ TLS: 'false', CA_FILE: 'ca.pem' }, undefined],
  [{ TLS: 'true' }, {}],
  [{ CA_FILE: 'ca.pem' }, { caFile: 'ca.pem' }],
  [
    { TLS: 'true', CERT_FILE: 'c', KEY_FILE: 'k' },
    { certFile: 'c', keyFile: 'k' },
  ],
])('%j are the settings for TLS %j', (variables, tls) => expect(brokerTls(env(variables))).toEqual(tls));

test('a switch for TLS that is neither true nor false is refused', () =>
  expect(() => brokerTls(env({ TLS: 'perhaps' }))).toThrow("TRACEWRIGHT_TRANSPORT_TLS must be true or false, received 'perhaps'"));
