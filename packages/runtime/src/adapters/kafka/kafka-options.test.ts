import { inspect } from 'node:util';
import { isTracewrightError } from 'tracewright';
import { kafka } from 'tracewright/kafka';
import { expect, test } from 'vitest';

const secret = 'hunter2-is-secret';
const brokers = '127.0.0.1:9092';

function refusal(options: unknown): Error {
  try {
    // A wrong value is the point.
    kafka(options as Parameters<typeof kafka>[0]);
  } catch (error) {
    if (isTracewrightError(error, 'TW_BAD_OPTION')) return error;
  }
  throw new Error('it was not refused');
}

test.each([
  [{ brokers, broker: 'a:1' }, 'kafka.broker is not an option'],
  [{}, 'kafka.brokers must be `host:port`'],
  [{ brokers: [] }, 'kafka.brokers must be `host:port`'],
  [{ brokers: 'localhost' }, 'kafka.brokers must be `host:port`'],
  [{ brokers: 'a:9092,b:9092' }, 'kafka.brokers must be `host:port`'],
  [{ brokers: 'a:0' }, 'with a port from 1 to 65535'],
  [{ brokers: 'a:65536' }, 'with a port from 1 to 65535'],
  [{ brokers: '[::1]:9092' }, 'no IPv6 address, but a name for it'],
  [{ brokers, topics: null }, 'kafka.topics must be a plain object'],
  [{ brokers, mendClient: 1 }, 'kafka.mendClient must be true or false'],
  [{ brokers, maxBytesPerPartition: 2 ** 31 }, 'kafka.maxBytesPerPartition must be at most 2147483647'],
  [{ brokers, sessionTimeoutMs: 2 ** 31 }, 'kafka.sessionTimeoutMs must be at most 2147483647'],
  [{ brokers, rebalanceTimeoutMs: 2 ** 31 }, 'kafka.rebalanceTimeoutMs must be at most 2147483647'],
  [{ brokers, connectTimeoutMs: 2 ** 31 }, 'kafka.connectTimeoutMs must be at most 2147483647'],
  [{ brokers, requestTimeoutMs: 2 ** 31 }, 'kafka.requestTimeoutMs must be at most 2147483647'],
  [{ brokers, sessionTimeoutMs: 0 }, 'kafka.sessionTimeoutMs must be a whole number'],
  [
    { brokers, sessionTimeoutMs: 1000, maxWaitTimeMs: 500 },
    'kafka.maxWaitTimeMs must be at most a third of sessionTimeoutMs, which is 333',
  ],
  [{ brokers, connectTimeoutMs: Number.POSITIVE_INFINITY }, 'kafka.connectTimeoutMs must be a positive, finite number'],
  [{ brokers, fromBeginning: 'yes' }, 'kafka.fromBeginning must be true or false'],
  [{ brokers, topics: { partitions: 0 } }, 'kafka.topics.partitions must be a whole number'],
  [{ brokers, topics: { config: { 'retention.ms': 5 } } }, 'kafka.topics.config.retention.ms must be a non-empty string'],
  [{ brokers, topics: { name: 'x' } }, 'kafka.topics.name is not an option'],
  [{ brokers, tls: { rejectUnauthorized: false } }, 'kafka.tls.rejectUnauthorized is not an option'],
  [{ brokers, tls: { ca: 'x', caFile: 'y' } }, 'kafka.tls.caFile must be left out where kafka.tls.ca is given'],
])('%j is refused: %s', (options, message) => expect(refusal(options).message).toContain(message));

test.each([
  [{ brokers: `shop:${secret}@127.0.0.1:9092` }],
  [{ brokers: [brokers, `${secret}@127.0.0.1`] }],
  [{ brokers, credentials: secret }],
  [{ brokers, credentials: { mechanism: 'plain', username: 'shop', pass: secret } }],
  [{ brokers, credentials: { mechanism: 'plain', username: '', password: secret } }],
  [{ brokers, credentials: { mechanism: 'aws', username: 'shop', password: secret } }],
  [{ brokers, credentials: { mechanism: 'oauthbearer', oauthBearerProvider: secret } }],
  [{ brokers, tls: { key: 7, ca: secret } }],
  [{ brokers, tls: secret }],
])('what is refused of secrets is not shown (%#)', (options) => {
  expect(inspect(refusal(options), { depth: 10, showHidden: true })).not.toContain(secret);
});

test('a file of TLS that cannot be read is said when it is needed', async () => {
  const { signal } = new AbortController();
  const work = kafka({ brokers, tls: { caFile: '/nowhere/ca.pem' } }).connect({ clientName: 'test', signal });
  const error: unknown = await work.catch((reason: unknown) => reason);
  expect(isTracewrightError(error, 'TW_TRANSPORT') && error.message).toContain("open '/nowhere/ca.pem'");
});
