import { inspect } from 'node:util';
import { isTracewrightError } from 'tracewright';
import { nats } from 'tracewright/nats';
import { expect, test } from 'vitest';

const secret = 'hunter2-is-secret';

function refusal(options: unknown): Error {
  try {
    // A wrong value is the point.
    nats(options as Parameters<typeof nats>[0]);
  } catch (error) {
    if (isTracewrightError(error, 'TW_BAD_OPTION')) return error;
  }
  throw new Error('it was not refused');
}

test.each([
  [{ server: 'nats://a' }, 'nats.server is not an option'],
  [{ servers: [] }, 'nats.servers must be an address'],
  [{ servers: '' }, 'nats.servers must be an address'],
  [{ ackWaitMs: 0 }, 'nats.ackWaitMs must be a positive, finite number'],
  [{ maxAckPending: 1.5 }, 'nats.maxAckPending must be a whole number'],
  [{ stream: { storage: 'disk' } }, "nats.stream.storage must be 'file' or 'memory'"],
  [{ stream: { maxAgeMs: 10, duplicateWindowMs: 11 } }, 'nats.stream.duplicateWindowMs must be at most maxAgeMs'],
  [{ stream: { name: 'x' } }, 'nats.stream.name is not an option'],
  [{ tls: { verify: false } }, 'nats.tls.verify is not an option'],
])('%j is refused: %s', (options, message) => expect(refusal(options).message).toContain(message));

test.each([
  [{ servers: `nats://shop:${secret}@127.0.0.1:4222` }],
  [{ servers: ['nats://127.0.0.1', `${secret}@127.0.0.1`] }],
  [{ credentials: secret }],
  [{ credentials: { user: 'shop', pass: secret } }],
  [{ credentials: { user: '', password: secret } }],
  [{ credentials: { token: 5, password: secret } }],
  [{ credentials: { nkeySeed: secret } }],
  [{ credentials: { creds: secret } }],
  [{ tls: { key: 7, ca: secret } }],
  [{ tls: secret }],
])('what is refused of secrets is not shown (%#)', (options) => {
  expect(inspect(refusal(options), { depth: 10, showHidden: true })).not.toContain(secret);
});
