import type { KafkaTransportOptions } from 'tracewright/kafka';
import type { NatsTransportOptions } from 'tracewright/nats';
import { badOption } from '../../kernel/errors.ts';
import { memoryTransport } from '../memory/memory-transport.ts';
import type { Transport } from '../transport.ts';
import { type BrokerLogin, brokerLogin, brokerTls } from './broker-login.ts';
import type { Environment } from './flag.ts';
import { loadOptional } from './load-optional.ts';
import type { TransportFactories } from './program.ts';
import type { TransportUrl } from './transport-url.ts';
import { variableNames, withNames } from './variable-names.ts';
import { wrongUsage } from './wrong-usage.ts';

/** @throws {TracewrightError} `TW_BAD_OPTION` for an address, credentials or packages that are wrong or missing. Nothing is connected yet */
export async function transportOf(url: TransportUrl, env: Environment, factories: TransportFactories): Promise<Transport> {
  const factory = Object.hasOwn(factories, url.scheme) ? factories[url.scheme] : undefined;
  if (factory !== undefined) return await factory(requireUrl(url));
  if (url.scheme === 'memory') return memoryTransport();
  return url.scheme === 'kafka' ? await kafkaOf(url, env) : await natsOf(url, env);
}

/**
 * Looks whether a transport could be made, without making one of the program's own: that may begin to work.
 *
 * @throws {TracewrightError} as `transportOf`
 */
export async function requireTransport(url: TransportUrl, env: Environment, factories: TransportFactories): Promise<void> {
  if (Object.hasOwn(factories, url.scheme)) requireUrl(url);
  else await transportOf(url, env, factories);
}

function requireUrl({ origin, text }: TransportUrl): URL {
  if (!URL.canParse(text)) throw badOption(origin, 'a URL', text);
  return new URL(text);
}

async function natsOf({ origin, scheme, text, hosts }: TransportUrl, env: Environment): Promise<Transport> {
  const { nats } = await loadOptional(
    `${origin} ${text}`,
    ['@nats-io/nats-core', '@nats-io/jetstream', '@nats-io/transport-node'],
    () => import('tracewright/nats'),
  );
  const login = await brokerLogin(env);
  const tls = brokerTls(env);
  const servers = hosts.map((host) => `${scheme}://${host}`);
  return withNames(variableNames('nats', login), () => nats({ servers, credentials: natsCredentials(login), tls }));
}

function natsCredentials(login: BrokerLogin): NatsTransportOptions['credentials'] {
  if (login.kind === 'none') return undefined;
  if (login.kind === 'user') return { user: login.user, password: login.password };
  if (login.kind === 'token') return { token: login.token };
  return login.kind === 'creds' ? { creds: login.creds } : { nkeySeed: login.nkeySeed };
}

async function kafkaOf({ origin, text, hosts }: TransportUrl, env: Environment): Promise<Transport> {
  const { kafka } = await loadOptional(`${origin} ${text}`, ['kafkajs'], () => import('tracewright/kafka'));
  const login = await brokerLogin(env);
  const brokers = hosts.map((host) => (/:\d+$/.test(host) ? host : `${host}:9092`));
  const names = new Map([...variableNames('kafka', login), ['kafka.brokers', `${origin} ${text}`]]);
  return withNames(names, () => kafka({ brokers, credentials: kafkaCredentials(login), tls: brokerTls(env) }));
}

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

function kafkaCredentials(login: BrokerLogin): KafkaTransportOptions['credentials'] {
  if (login.kind === 'none') return undefined;
  if (login.kind !== 'user') {
    const message = 'Kafka takes TRACEWRIGHT_TRANSPORT_USER and _PASSWORD, and none of the other credentials';
    throw wrongUsage('TRACEWRIGHT_TRANSPORT_*', message);
  }
  const { user: username, password, mechanism: given = 'plain' } = login;
  const mechanism = mechanisms.find((each) => each === given);
  if (mechanism === undefined) throw badOption('TRACEWRIGHT_TRANSPORT_MECHANISM', mechanisms.join(', '), given);
  return { mechanism, username, password };
}
