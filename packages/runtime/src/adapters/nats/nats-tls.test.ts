import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isTracewrightError } from 'tracewright';
import { nats, type NatsTransportOptions } from 'tracewright/nats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { disposeServers, findProgram, isServerMissing, type NatsServer, withServer } from './nats-server.test-kit.ts';

const openssl = findProgram('openssl');
const isOpensslMissing = openssl === undefined && process.env['CI'] !== 'true';
if (isOpensslMissing) console.warn('openssl is not installed, and tests of TLS of the NATS transport are skipped: apt-get install openssl');

const { signal } = new AbortController();

/** A folder with an authority, what it has signed for a server and for a client, and an authority that has signed nothing. */
class Certificates {
  #folder = '';

  path(name: string): string {
    return join(this.#folder, name);
  }

  text(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  async make(): Promise<void> {
    if (openssl === undefined) throw new Error('openssl is not installed: apt-get install openssl');
    this.#folder = mkdtempSync(join(tmpdir(), 'tracewright-tls-'));
    await Promise.all(
      ['ca', 'other-ca'].map((name) => this.#openssl(`req -x509 -days 2 -subj /CN=${name} ${newKey(name)} -out ${name}.pem`)),
    );
    await this.#sign('server', 'subjectAltName=IP:127.0.0.1,DNS:localhost');
    await this.#sign('address', 'subjectAltName=IP:127.0.0.1');
    await this.#sign('localhost', 'subjectAltName=DNS:localhost');
    await this.#sign('elsewhere', 'subjectAltName=DNS:elsewhere.example');
    await this.#sign('client', 'extendedKeyUsage=clientAuth');
  }

  dispose(): void {
    if (this.#folder !== '') rmSync(this.#folder, { recursive: true, force: true });
  }

  async #sign(name: string, extension: string): Promise<void> {
    writeFileSync(this.path(`${name}.ext`), extension);
    await this.#openssl(`req -subj /CN=${name} ${newKey(name)} -out ${name}.csr`);
    await this.#openssl(`x509 -req -days 2 -in ${name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile ${name}.ext -out ${name}.pem`);
  }

  async #openssl(parameters: string): Promise<void> {
    await promisify(execFile)(openssl ?? 'openssl', parameters.split(' '), { cwd: this.#folder });
  }
}

const named = ({ url }: NatsServer): string => url.replace('127.0.0.1', 'localhost');

function newKey(name: string): string {
  return `-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${name}.key`;
}

describe.skipIf(isServerMissing || isOpensslMissing)('a NATS server with TLS', () => {
  const certificates = new Certificates();
  beforeAll(() => certificates.make());
  afterAll(async () => {
    await disposeServers();
    certificates.dispose();
  });

  const withTls = (
    body: (server: NatsServer) => Promise<void>,
    { name = 'server', more = [] as readonly string[] } = {},
  ): Promise<void> => {
    const files = ['--tlscert', certificates.path(`${name}.pem`), '--tlskey', certificates.path(`${name}.key`)];
    return withServer(body, '--tls', ...files, ...more);
  };

  /** Sends a message. Nothing is said about how the connection was made: the server takes only encrypted ones. */
  async function use(options: NatsTransportOptions): Promise<void> {
    const connection = await nats(options).connect({ clientName: 'test', signal });
    await connection.publish('orders', { id: 'm-1', body: new Uint8Array(1), headers: {} }, signal);
    await connection.close();
  }

  async function refusal(options: NatsTransportOptions): Promise<string> {
    const error: unknown = await use(options).catch((reason: unknown) => reason);
    if (!isTracewrightError(error, 'TW_TRANSPORT')) throw new Error('it was not refused');
    expect(error.data).toEqual({ system: 'nats', servers: [options.servers] });
    return error.message;
  }

  test('is used by who trusts its authority, given as text or as a file', () =>
    withTls(async (server) => {
      await use({ servers: server.url, tls: { ca: certificates.text('ca.pem') } });
      await use({ servers: server.url, tls: { caFile: certificates.path('ca.pem') } });
      await use({ servers: server.url.replace('nats:', 'tls:'), tls: { caFile: certificates.path('ca.pem') } });
    }));

  test('is found again with TLS after it was away', () =>
    withTls(async (server) => {
      const tls = { caFile: certificates.path('ca.pem') };
      const connection = await nats({ servers: server.url, tls }).connect({ clientName: 'test', signal });
      await server.kill();
      await server.start();
      await connection.publish('orders', { id: 'm-1', body: new Uint8Array(1), headers: {} }, signal);
      await connection.close();
    }));

  test('of an unknown authority is refused, and the error says so', () =>
    withTls(async (server) => {
      const unknown = /cannot be reached .*(?:unable to verify|self-signed|unable to get).*: check the address/i;
      await expect(refusal({ servers: server.url, tls: { caFile: certificates.path('other-ca.pem') } })).resolves.toMatch(unknown);
      await expect(refusal({ servers: server.url, tls: {} })).resolves.toMatch(unknown);
      // Encrypted without having been asked for it is checked as well.
      await expect(refusal({ servers: server.url })).resolves.toMatch(unknown);
    }));

  test('of another name is refused, and the error has both names', () =>
    withTls(
      async (server) => {
        const message = await refusal({ servers: server.url, tls: { caFile: certificates.path('ca.pem') } });
        expect(message).toMatch(/127\.0\.0\.1 is not in the cert's list/);
        const byName = await refusal({ servers: named(server), tls: { caFile: certificates.path('ca.pem') } });
        expect(byName).toMatch(/localhost\. is not in the cert's altnames: DNS:elsewhere\.example/);
      },
      { name: 'elsewhere' },
    ));

  test('is known by its address where that is how it was given, and by its name where that is', async () => {
    const tls = { caFile: certificates.path('ca.pem') };
    await withTls(
      async (server) => {
        await use({ servers: server.url, tls });
        await expect(refusal({ servers: named(server), tls })).resolves.toContain('localhost');
      },
      { name: 'address' },
    );
    await withTls(
      async (server) => {
        await use({ servers: named(server), tls });
        await expect(refusal({ servers: server.url, tls })).resolves.toContain('127.0.0.1');
      },
      { name: 'localhost' },
    );
  });

  test('that wants a certificate of its clients takes who has one, and refuses who has none', () =>
    withTls(
      async (server) => {
        const caFile = certificates.path('ca.pem');
        await use({
          servers: server.url,
          tls: { caFile, certFile: certificates.path('client.pem'), keyFile: certificates.path('client.key') },
        });
        await use({ servers: server.url, tls: { caFile, cert: certificates.text('client.pem'), key: certificates.text('client.key') } });
        // The client does not notice that it was refused, and waits.
        const message = await refusal({ servers: server.url, tls: { caFile }, connectTimeoutMs: 1000 });
        expect(message).toMatch(/cannot be reached .*and what it and nats\.tls ask of certificates/);
      },
      { more: ['--tlsverify', '--tlscacert', certificates.path('ca.pem')] },
    ));

  test('is not used with a file that is not there, which the error names', () =>
    withTls(async (server) => {
      const caFile = certificates.path('missing.pem');
      await expect(refusal({ servers: server.url, tls: { caFile } })).resolves.toContain(caFile);
    }));
});
