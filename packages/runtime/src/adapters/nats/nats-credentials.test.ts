import { nkeys } from '@nats-io/nats-core';
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { isTracewrightError } from 'tracewright';
import { nats, type NatsCredentials } from 'tracewright/nats';
import { recordTraces } from 'tracewright/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { disposeServers, isServerMissing, type NatsServer, withConfiguredServer } from './nats-server.test-kit.ts';

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

type Pair = ReturnType<typeof nkeys.createUser>;

/** A JWT of NATS: `issuer` says of `subject` what `claims` are. */
function tokenOf(issuer: Pair, subject: Pair, claims: object): string {
  const about = {
    jti: randomUUID(),
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: 'test',
  };
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encode({ ...about, nats: { version: 2, ...claims } })}`;
  return `${signed}.${Buffer.from(issuer.sign(new TextEncoder().encode(signed))).toString('base64url')}`;
}

/** The contents of a credentials file of a new user of `account`. */
function credsOf(account: Pair): string {
  const user = nkeys.createUser();
  const jwt = tokenOf(account, user, { type: 'user', pub: {}, sub: {}, subs: -1, data: -1, payload: -1 });
  const block = (title: string, text: string): string => `-----BEGIN ${title}-----\n${text}\n------END ${title}------\n`;
  return `${block('NATS USER JWT', jwt)}\n${block('USER NKEY SEED', new TextDecoder().decode(user.getSeed()))}`;
}

/** Has its users named by their account, which its operator has named. */
function operatorConfiguration(account: Pair): string {
  const [operator, system] = [nkeys.createOperator(), nkeys.createAccount()];
  const all = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const limits = { ...all, mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  return `
    operator: ${tokenOf(operator, operator, { type: 'operator' })}
    resolver: MEMORY
    system_account: ${system.getPublicKey()}
    resolver_preload: {
      ${system.getPublicKey()}: ${tokenOf(operator, system, { type: 'account', limits: all })}
      ${account.getPublicKey()}: ${tokenOf(operator, account, { type: 'account', limits })}
    }`;
}

/** All that may be shown nowhere: of several lines each, but not what frames them. */
function secretsOf(credentials: NatsCredentials | undefined): readonly string[] {
  const lines = Object.values(credentials ?? {}).flatMap((value) => value.split('\n'));
  return lines.filter((line) => line !== '' && !line.startsWith('-----'));
}

/** Sends a message and gets it; nothing of that shows `credentials`. */
async function useAs({ url }: NatsServer, credentials: NatsCredentials): Promise<string | undefined> {
  const connection = await nats({ servers: url, credentials }).connect({ clientName: 'test', signal });
  await connection.publish('orders', { id: 'm-1', body: new Uint8Array(1), headers: {} }, signal);
  const source = await connection.subscribe('orders', { group: randomUUID(), prefetch: 1, signal });
  const [delivery] = await source.receive(1, signal);
  const shown = inspect([connection, source, delivery], { depth: 20, showHidden: true });
  for (const secret of secretsOf(credentials)) expect(shown).not.toContain(secret);
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
  for (const secret of secretsOf(credentials)) expect(shown).not.toContain(secret);
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

  test('that are a credentials file let in who has it, and are shown nowhere where they are wrong', async () => {
    const [known, unknown] = [nkeys.createAccount(), nkeys.createAccount()];
    await withConfiguredServer(operatorConfiguration(known), async (server) => {
      await expect(useAs(server, { creds: credsOf(known) })).resolves.toBe('m-1');
      await expectRefusal(server, { creds: credsOf(unknown) });
      await expectRefusal(server, { nkeySeed: keyPair().seed });
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
