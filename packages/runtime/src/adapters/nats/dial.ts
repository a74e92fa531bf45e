import { type Authenticator, credsAuthenticator, errors, nkeyAuthenticator, type TlsOptions } from '@nats-io/nats-core';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { badSecretOption } from '../../kernel/errors.ts';
import { natsError, said } from './nats-error.ts';
import type { NatsCredentials, NatsSettings, NatsTlsOptions } from './nats-options.ts';
import { type IdentityCheck, identityCheck } from './server-identity.ts';

/** How the client gets back a connection that is lost: it never gives up. Milliseconds. */
const restoring = { reconnect: true, maxReconnectAttempts: -1, reconnectTimeWait: 500, ignoreAuthErrorAbort: true };

/** How soon a server is noticed that does not answer any more, twice in a row. Milliseconds. */
const pingInterval = 20_000;

/** Opens a connection; gives up at the first server that refuses and the last that does not answer. */
export async function dial(settings: NatsSettings, clientName: string): Promise<NatsConnection> {
  const { servers, credentials, tls, connectTimeoutMs } = settings;
  try {
    return await connect({
      ...restoring,
      ...(credentials === undefined ? {} : loginOf(credentials)),
      ...(tls === undefined ? {} : { tls: tlsOf(tls, servers) }),
      servers: [...servers],
      name: clientName,
      timeout: connectTimeoutMs,
      pingInterval,
      noAsyncTraces: true,
    });
  } catch (error) {
    throw notConnected(settings, error);
  }
}

/** @throws {TracewrightError} `TW_BAD_OPTION` for credentials that are none; the client would find out only when it connects */
export function requireReadable(credentials: NatsCredentials): void {
  const { authenticator } = loginOf(credentials);
  if (typeof authenticator !== 'function') return;
  try {
    authenticator('nonce');
  } catch {
    // What the client says of them is not passed on: it may quote them.
    const isSeed = 'nkeySeed' in credentials;
    if (isSeed) throw badSecretOption('nats.credentials.nkeySeed', 'the seed of an nkey', credentials.nkeySeed);
    throw badSecretOption('nats.credentials', 'the contents of a credentials file', credentials);
  }
}

function loginOf(credentials: NatsCredentials): { user?: string; pass?: string; token?: string; authenticator?: Authenticator } {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  if ('user' in credentials) return { user: credentials.user, pass: credentials.password };
  if ('token' in credentials) return { token: credentials.token };
  if ('nkeySeed' in credentials) return { authenticator: nkeyAuthenticator(encode(credentials.nkeySeed)) };
  return { authenticator: credsAuthenticator(encode(credentials.creds)) };
}

function tlsOf(tls: NatsTlsOptions, servers: readonly string[]): TlsOptions {
  // The client hands all that is here to Node, also what its type does not name.
  const given: TlsOptions & { checkServerIdentity: IdentityCheck } = { checkServerIdentity: identityCheck(servers) };
  for (const name of ['ca', 'caFile', 'cert', 'certFile', 'key', 'keyFile'] as const) {
    const value = tls[name];
    if (value !== undefined) given[name] = value;
  }
  if (tls.handshakeFirst !== undefined) given.handshakeFirst = tls.handshakeFirst;
  return given;
}

function notConnected({ servers, tls }: NatsSettings, cause: unknown): Error {
  const where = servers.join(', ');
  const isRefusal = cause instanceof errors.AuthorizationError || cause instanceof errors.UserAuthenticationExpiredError;
  const wish = tls === undefined ? 'whether it wants TLS' : 'what it and nats.tls ask of certificates';
  const text = isRefusal
    ? `NATS at ${where} refused the credentials (${said(cause)}): check nats.credentials, and what the server asks for`
    : `NATS at ${where} cannot be reached (${said(cause)}): check the address, that the server runs there, and ${wish}`;
  return natsError(text, { data: { servers }, cause });
}
