import type { PeerCertificate } from 'node:tls';
import { expect, test } from 'vitest';
import { identityCheck } from './server-identity.ts';

/** What the check reads of a certificate. */
function certificateOf(subjectaltname: string): PeerCertificate {
  return { subject: {}, subjectaltname } as PeerCertificate; // The rest of a certificate is no concern of the check.
}

test.each([
  [['nats://10.0.0.1:4222'], 'localhost', 'IP Address:10.0.0.1', true],
  [['nats://10.0.0.1:4222'], 'localhost', 'DNS:localhost', false],
  [['10.0.0.1', 'tls://10.0.0.2:4222'], 'localhost', 'IP Address:10.0.0.2', true],
  [['nats://[::1]:4222'], 'localhost', 'IP Address:0:0:0:0:0:0:0:1', true],
  [['nats://localhost:4222'], 'localhost', 'DNS:localhost', true],
  [['nats://nats.shop.example:4222'], 'nats.shop.example', 'DNS:*.shop.example', true],
  [['nats://nats.shop.example:4222'], 'nats.shop.example', 'DNS:localhost', false],
  [['nats://nats.shop.example:4222'], 'localhost', 'DNS:localhost', false],
  [['nats://nats.shop.example:4222', '10.0.0.1'], 'nats.shop.example', 'IP Address:10.0.0.1', false],
])('of servers %j, found as %s, a certificate for %s is right: %s', (...[servers, host, names, isRight]) => {
  expect(identityCheck(servers)(host, certificateOf(names)) === undefined).toBe(isRight);
});
