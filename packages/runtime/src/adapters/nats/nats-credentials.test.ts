import { nkeys } from '@nats-io/nats-core';
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { isTracewrightError } from 'tracewright';
import { nats, type NatsCredentials } from 'tracewright/nats';
import { recordTraces } from 'tracewright/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { disposeServers, isServerMissing, type NatsServer, withConfiguredServer } from './nats-server.ts';

afterAll(disposeServers);

const { signal } = new AbortController();

interface KeyPair {
  readonly seed: string;
  readonly publicKey: string;
}

function keyPair(): KeyPair {
  const pair = nkeys.createUser();
  return { seed: new TextDecoder().decode(pair.getSeed()), publicKey: pair.getPublicKey() };
}

/** Sends a message and gets it. */
async function useAs({ url }: NatsServer, credentials: NatsCredentials): Promise<string | undefined> {
  const connection = await nats({ servers: url, credentials }).connect({ clientName: 'test', signal });
  await connection.publish('orders', { id: 'm-1', body: new Uint8Array(1), headers: {} }, signal);
  const source = await connection.subscribe('orders', { group: randomUUID(), prefetch: 1, signal });
  const [delivery] = await source.receive(1, signal);
  await delivery?.ack();
  await connection.close();
  return delivery?.id;
}

/** What can be seen of a connection that is refused: by who gets the error, and in the trace. */
async function refuse(
  { url }: NatsServer,
  credentials: NatsCredentials | undefined,
): Promise<{ readonly message: string; readonly spans: string; readonly shown: string }> {
  using traces = recordTraces();
  const transport = nats({ servers: url, credentials });
  const connecting = traces.runtime().run('connect', () => transport.connect({ clientName: 'test', signal }));
  const error = await connecting.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isTracewrightError(error, 'TW_TRANSPORT')) throw new Error('it was not refused');
  const options = { depth: 20, showHidden: true, maxStringLength: Number.POSITIVE_INFINITY };
  const spans = inspect(traces.spans, options);
  const texts = [error.message, error.stack, JSON.stringify(error), inspect(error, options), inspect(transport, options), spans];
  return { message: error.message, spans, shown: texts.join('\n') };
}

async function expectRefusal(server: NatsServer, credentials: NatsCredentials | undefined): Promise<void> {
  const { message, spans, shown } = await refuse(server, credentials);
  expect(message).toContain(`NATS at ${server.url} refused the credentials`);
  expect(message).toContain('check nats.credentials');
  expect(spans).toContain('refused the credentials');
  for (const secret of Object.values(credentials ?? {})) expect(shown).not.toContain(secret);
}

describe.skipIf(isServerMissing)('credentials', () => {
  const password = `secret-${randomUUID()}`;
  const user = `user-${randomUUID()}`;

  test('of a user with a password let in who has them, and are shown nowhere where they are wrong', () =>
    withConfiguredServer(`authorization { user: "${user}", password: "${password}" }`, async (server) => {
      await expect(useAs(server, { user, password })).resolves.toBe('m-1');
      await expectRefusal(server, { user, password: `wrong-${randomUUID()}` });
      await expectRefusal(server, { token: `wrong-${randomUUID()}` });
      await expectRefusal(server, { nkeySeed: keyPair().seed });
      await expectRefusal(server, undefined);
    }));

  test('that are a token let in who has it, and are shown nowhere where they are wrong', () =>
    withConfiguredServer(`authorization { token: "${password}" }`, async (server) => {
      await expect(useAs(server, { token: password })).resolves.toBe('m-1');
      await expectRefusal(server, { token: `wrong-${randomUUID()}` });
      await expectRefusal(server, { user, password });
    }));

  test('that are the seed of an nkey let in who has it, and are shown nowhere where they are wrong', async () => {
    const [known, unknown] = [keyPair(), keyPair()];
    await withConfiguredServer(`authorization { users: [{ nkey: ${known.publicKey} }] }`, async (server) => {
      await expect(useAs(server, { nkeySeed: known.seed })).resolves.toBe('m-1');
      await expectRefusal(server, { nkeySeed: unknown.seed });
      await expectRefusal(server, { user, password });
    });
  });

  test('are given again to a server that was away', () =>
    withConfiguredServer(`authorization { user: "${user}", password: "${password}" }`, async (server) => {
      const connection = await nats({ servers: server.url, credentials: { user, password } }).connect({ clientName: 'test', signal });
      await server.kill();
      await server.start();
      await connection.publish('orders', { id: 'm-1', body: new Uint8Array(1), headers: {} }, signal);
      await connection.close();
    }));
});
