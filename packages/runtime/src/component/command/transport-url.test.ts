import { expect, test } from 'vitest';
import { requireTransportUrl } from './transport-url.ts';

const read = (text: string): unknown => requireTransportUrl('--transport', text, ['memory', 'nats', 'tls', 'kafka', 'own']);

test.each([
  ['memory:', 'memory', []],
  ['memory', 'memory', []],
  ['nats://a:4222', 'nats', ['a:4222']],
  ['NATS://a', 'nats', ['a']],
  ['tls://a.b:1/', 'tls', ['a.b:1']],
  ['kafka://a:1,b:2,[::1]:3', 'kafka', ['a:1', 'b:2', '[::1]:3']],
  ['own:anything/at all', 'own', []],
])('%s is of %s, and names the hosts %j', (text, scheme, hosts) => expect(read(text)).toMatchObject({ scheme, hosts }));

test.each([
  ['', 'says no transport'],
  ['127.0.0.1:4222', 'says no transport'],
  ['localhost:4222', 'says no transport'],
  ['http://a', 'says http, which is none here'],
  ['nats:a', 'must be nats://host:port[,host:port]'],
  ['nats://', 'must be nats://host:port[,host:port]'],
  ['nats://a:b', 'must be nats://host:port[,host:port]'],
  ['nats://a,,b', 'must be nats://host:port[,host:port]'],
  ['kafka://a/topic', 'must be kafka://host:port[,host:port]'],
  ['nats://u:p@a', 'credentials are given by TRACEWRIGHT_TRANSPORT_USER and _PASSWORD'],
  ['own://a?token=x', 'without user, password and parameters'],
])('%j is refused: %s', (text, message) => expect(() => read(text)).toThrow(message));
