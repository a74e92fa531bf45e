import { requireKnownKeys } from '../../kernel/check.ts';
import { badSecretOption } from '../../kernel/errors.ts';

/** How to prove who one is (SASL). Never shown in errors or telemetry. */
export type KafkaCredentials =
  | { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: string; readonly password: string }
  /** Asked for a token whenever one is needed. */
  | { readonly mechanism: 'oauthbearer'; readonly oauthBearerProvider: () => Promise<{ readonly value: string }> };

/** Files are paths, the others PEM. */
export interface KafkaTlsOptions {
  readonly ca?: string | undefined;
  readonly caFile?: string | undefined;
  readonly cert?: string | undefined;
  readonly certFile?: string | undefined;
  readonly key?: string | undefined;
  readonly keyFile?: string | undefined;
  /** The name that the brokers' certificates must have, where it is not that of their addresses. */
  readonly serverName?: string | undefined;
}

const tlsNames = ['ca', 'caFile', 'cert', 'certFile', 'key', 'keyFile', 'serverName'];

export function requireBrokers(given: unknown): readonly string[] {
  const brokers: unknown = typeof given === 'string' ? [given] : given;
  const expected =
    '`host:port`, or a list of these, with a port from 1 to 65535; no IPv6 address, but a name for it; credentials belong in kafka.credentials';
  if (!Array.isArray(brokers) || brokers.length === 0) throw badSecretOption('kafka.brokers', expected, given);
  // Addresses with a password in them would end up in messages.
  return brokers.map((broker: unknown) => {
    if (typeof broker !== 'string' || !isAddress(broker)) throw badSecretOption('kafka.brokers', expected, broker);
    return broker;
  });
}

/** The client takes what is before the first colon for the host: IPv6 addresses cannot be said to it. */
function isAddress(broker: string): boolean {
  const port = Number(/^[^\s@/:,[\]]+:(\d{1,5})$/.exec(broker)?.[1] ?? 0);
  return port >= 1 && port <= 65_535;
}

export function requireCredentials(given: KafkaCredentials): KafkaCredentials {
  const expected =
    "{ mechanism: 'plain', 'scram-sha-256' or 'scram-sha-512', username, password }, or { mechanism: 'oauthbearer', oauthBearerProvider }";
  if (typeof given !== 'object' || (given as unknown) === null) throw badSecretOption('kafka.credentials', expected, given);
  const found = Object.keys(given).toSorted().join(' ');
  if (!isComplete(given, found)) throw badSecretOption('kafka.credentials', expected, given);
  return { ...given };
}

function isComplete(given: KafkaCredentials, names: string): boolean {
  if (given.mechanism === 'oauthbearer')
    return names === 'mechanism oauthBearerProvider' && typeof given.oauthBearerProvider === 'function';
  const isKnown = ['plain', 'scram-sha-256', 'scram-sha-512'].includes(given.mechanism) && names === 'mechanism password username';
  return isKnown && [given.username, given.password].every((value) => typeof value === 'string' && value.length > 0);
}

export function requireTls(given: KafkaTlsOptions): KafkaTlsOptions {
  if (typeof given !== 'object' || (given as unknown) === null) throw badSecretOption('kafka.tls', 'a plain object', given);
  requireKnownKeys('kafka.tls', given, tlsNames);
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && typeof value !== 'string') throw badSecretOption(`kafka.tls.${name}`, 'a string', value);
  }
  for (const name of ['ca', 'cert', 'key'] as const) {
    if (given[name] !== undefined && given[`${name}File`] !== undefined)
      throw badSecretOption(`kafka.tls.${name}File`, `left out where kafka.tls.${name} is given`, given[`${name}File`]);
  }
  return { ...given };
}
