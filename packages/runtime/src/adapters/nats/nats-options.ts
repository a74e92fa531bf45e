import { requireCount, requireKnownKeys, requirePlainObject, requirePositive, requireText } from '../../kernel/check.ts';
import { badOption, badSecretOption } from '../../kernel/errors.ts';

/** How to prove who one is. Never shown in errors or telemetry. */
export type NatsCredentials =
  | { readonly user: string; readonly password: string }
  | { readonly token: string }
  /** The seed of an nkey, which begins with `SU`. */
  | { readonly nkeySeed: string }
  /** The contents of a credentials file (`.creds`), with its JWT and its seed. */
  | { readonly creds: string };

/** Files are paths, the others PEM. */
export interface NatsTlsOptions {
  readonly ca?: string | undefined;
  readonly caFile?: string | undefined;
  readonly cert?: string | undefined;
  readonly certFile?: string | undefined;
  readonly key?: string | undefined;
  readonly keyFile?: string | undefined;
  /** TLS begins before the server has said anything. The server must be set up for it. */
  readonly handshakeFirst?: boolean | undefined;
}

/** Of streams that the transport makes. One that is there already stays as it is. */
export interface NatsStreamOptions {
  /** Default `file`. What is in `memory` is lost when the server stops. */
  readonly storage?: 'file' | 'memory' | undefined;
  /** How many servers of a cluster keep each message. Default 1. */
  readonly replicas?: number | undefined;
  /** How long a message is kept, handled or not, in milliseconds. Default 7 days. */
  readonly maxAgeMs?: number | undefined;
  /** What is older goes when there is more. Default: no limit. */
  readonly maxBytes?: number | undefined;
  /** What is older goes when there are more. Default: no limit. */
  readonly maxMessages?: number | undefined;
  /** How long the server remembers what was published, to remove duplicates, in milliseconds. Default 2 minutes, or `maxAgeMs` where that is shorter. */
  readonly duplicateWindowMs?: number | undefined;
}

export interface NatsTransportOptions {
  /** `nats://host:port`, or `tls://host:port`, which is as if `tls` was given; several for a cluster. No password in it. Default `nats://127.0.0.1:4222`. */
  readonly servers?: string | readonly string[] | undefined;
  readonly credentials?: NatsCredentials | undefined;
  /** Given: the connection is encrypted, or not made. Left out: encrypted where the server asks for it. */
  readonly tls?: NatsTlsOptions | undefined;
  readonly stream?: NatsStreamOptions | undefined;
  /** How long a message may stay unsettled before it comes again, in milliseconds. Default 30,000. Managed subscriptions postpone that every 10 s. */
  readonly ackWaitMs?: number | undefined;
  /** How many messages of a group may be unsettled or delayed, all of its members together; the server holds further ones back. Default 10,000. */
  readonly maxAckPending?: number | undefined;
  /** How long to wait for a connection, in milliseconds. Default 5000. */
  readonly connectTimeoutMs?: number | undefined;
  /** How long to wait for an answer of the server while connected, and how long for a connection that is lost, in milliseconds. Default 5000. */
  readonly requestTimeoutMs?: number | undefined;
}

const dayMs = 86_400_000;

/** Options with nothing left to decide. */
export interface NatsSettings {
  readonly servers: readonly string[];
  readonly credentials: NatsCredentials | undefined;
  readonly tls: NatsTlsOptions | undefined;
  readonly stream: NatsStreamSettings;
  readonly ackWaitMs: number;
  readonly maxAckPending: number;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

export interface NatsStreamSettings {
  readonly storage: 'file' | 'memory';
  readonly replicas: number;
  readonly maxAgeMs: number;
  readonly maxBytes: number | undefined;
  readonly maxMessages: number | undefined;
  readonly duplicateWindowMs: number;
}

const names = ['servers', 'credentials', 'tls', 'stream', 'ackWaitMs', 'maxAckPending', 'connectTimeoutMs', 'requestTimeoutMs'];
const streamNames = ['storage', 'replicas', 'maxAgeMs', 'maxBytes', 'maxMessages', 'duplicateWindowMs'];
const tlsNames = ['ca', 'caFile', 'cert', 'certFile', 'key', 'keyFile', 'handshakeFirst'];

export function requireSettings(options: NatsTransportOptions): NatsSettings {
  if (typeof options !== 'object' || options === null) throw badSecretOption('nats', 'a plain object', options);
  requireKnownKeys('nats', requirePlainObject('nats', options), names);
  const { servers = 'nats://127.0.0.1:4222', credentials, tls, ackWaitMs = 30_000, maxAckPending = 10_000 } = options;
  const { connectTimeoutMs = 5000, requestTimeoutMs = 5000 } = options;
  const addresses = requireServers(servers);
  // The client would take no notice of it.
  const wantsTls = addresses.some((address) => address.startsWith('tls://'));
  return {
    servers: addresses,
    credentials: credentials === undefined ? undefined : requireCredentials(credentials),
    tls: tls === undefined ? (wantsTls ? {} : undefined) : requireTls(tls),
    stream: requireStream(options.stream ?? {}),
    ackWaitMs: requirePositive('nats.ackWaitMs', ackWaitMs),
    maxAckPending: requireCount('nats.maxAckPending', maxAckPending),
    connectTimeoutMs: requirePositive('nats.connectTimeoutMs', connectTimeoutMs),
    requestTimeoutMs: requirePositive('nats.requestTimeoutMs', requestTimeoutMs),
  };
}

function requireServers(given: string | readonly string[]): readonly string[] {
  const servers = typeof given === 'string' ? [given] : given;
  if (!Array.isArray(servers) || servers.length === 0) throw badSecretOption('nats.servers', 'an address, or a list of them', given);
  for (const server of servers) {
    // Addresses with a password in them would end up in messages.
    if (typeof server !== 'string' || server.length === 0 || server.includes('@'))
      throw badSecretOption('nats.servers', 'an address without user and password, which belong in nats.credentials', server);
  }
  return [...servers];
}

function requireCredentials(given: NatsCredentials): NatsCredentials {
  const expected = '{ user, password }, { token }, { nkeySeed } or { creds }, each a non-empty string';
  if (typeof given !== 'object' || given === null) throw badSecretOption('nats.credentials', expected, given);
  const found = Object.keys(given).toSorted().join(' ');
  const isKnown = ['password user', 'token', 'nkeySeed', 'creds'].includes(found);
  const areTexts = Object.values(given).every((value) => typeof value === 'string' && value.length > 0);
  if (!isKnown || !areTexts) throw badSecretOption('nats.credentials', expected, given);
  return { ...given };
}

function requireTls(given: NatsTlsOptions): NatsTlsOptions {
  if (typeof given !== 'object' || given === null) throw badSecretOption('nats.tls', 'a plain object', given);
  requireKnownKeys('nats.tls', given, tlsNames);
  for (const [name, value] of Object.entries(given)) {
    const kind = name === 'handshakeFirst' ? 'boolean' : 'string';
    if (value !== undefined && typeof value !== kind) throw badSecretOption(`nats.tls.${name}`, `a ${kind}`, value);
  }
  return { ...given };
}

function requireStream(given: NatsStreamOptions): NatsStreamSettings {
  requireKnownKeys('nats.stream', requirePlainObject('nats.stream', given), streamNames);
  const { storage = 'file', replicas = 1, maxAgeMs = 7 * dayMs, maxBytes, maxMessages } = given;
  const { duplicateWindowMs = Math.min(120_000, maxAgeMs) } = given;
  if (requireText('nats.stream.storage', storage) !== 'file' && storage !== 'memory')
    throw badOption('nats.stream.storage', "'file' or 'memory'", storage);
  requirePositive('nats.stream.maxAgeMs', maxAgeMs);
  if (requirePositive('nats.stream.duplicateWindowMs', duplicateWindowMs) > maxAgeMs)
    throw badOption('nats.stream.duplicateWindowMs', `at most maxAgeMs, which is ${maxAgeMs}`, duplicateWindowMs);
  return {
    storage,
    replicas: requireCount('nats.stream.replicas', replicas),
    maxAgeMs,
    maxBytes: maxBytes === undefined ? undefined : requireCount('nats.stream.maxBytes', maxBytes),
    maxMessages: maxMessages === undefined ? undefined : requireCount('nats.stream.maxMessages', maxMessages),
    duplicateWindowMs,
  };
}
