import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/local/bin'];

/** Where a program is that a Debian package installs; `undefined` where it is not. */
export function findProgram(name: string): string | undefined {
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

const program = findProgram('nats-server');

/** Tests that need a server cannot run here. In CI they run, and fail. */
export const isServerMissing: boolean = program === undefined && process.env['CI'] !== 'true';
if (isServerMissing) console.warn('nats-server is not installed, and tests of the NATS transport are skipped: apt-get install nats-server');

// A test that hangs never comes to its own end.
const started = new Set<NatsServer>();

/** For `afterAll`: no server outlives the tests of its file. */
export async function disposeServers(): Promise<void> {
  await Promise.all([...started].map((server) => server.dispose()));
}

/** A `nats-server` for tests: of its own, on a free port, with a store that outlives its process. */
export class NatsServer {
  readonly #parameters: readonly string[];
  #store: string | undefined;
  #port = -1;
  #child: ChildProcess | undefined;
  /** As a power failure ends it: nothing is said to clients, nothing is flushed. */
  kill: () => Promise<void> = () => Promise.resolve();
  /** As an operator ends it: what it knows of its consumers is written down. */
  stop: () => Promise<void> = () => Promise.resolve();

  constructor(...parameters: readonly string[]) {
    this.#parameters = parameters;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Begins with what it had stored before, on the same port. */
  start(): Promise<void> {
    if (program === undefined) throw new Error('nats-server is not installed: apt-get install nats-server');
    started.add(this);
    this.#store ??= mkdtempSync(join(tmpdir(), 'tracewright-nats-'));
    const parameters = ['-a', '127.0.0.1', '-p', String(this.#port), '-js', '-sd', this.#store, ...this.#parameters];
    const child = spawn(program, parameters, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const end = (): void => void child.kill('SIGKILL');
    process.once('exit', end);
    this.kill = () => {
      process.removeListener('exit', end);
      end();
      return closed;
    };
    this.stop = () => {
      child.kill('SIGTERM');
      return closed.then(this.kill);
    };
    return new Promise((resolve, reject) => {
      let log = '';
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`nats-server ended:\n${log}`)));
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        log += text;
        const port = /Listening for client connections on 127\.0\.0\.1:(\d+)/.exec(log)?.[1];
        if (port !== undefined) this.#port = Number(port);
        if (log.includes('Server is ready')) resolve();
      });
    });
  }

  /** Takes what is sent to it, and reads nothing of it any more. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  async dispose(): Promise<void> {
    started.delete(this);
    await this.kill();
    if (this.#store !== undefined) rmSync(this.#store, { recursive: true, force: true });
  }
}

/** Runs `body` with a server that is gone afterwards. */
export async function withServer(body: (server: NatsServer) => Promise<void>, ...parameters: readonly string[]): Promise<void> {
  const server = new NatsServer(...parameters);
  try {
    await server.start();
    await body(server);
  } finally {
    await server.dispose();
  }
}

/** As `withServer`, with the text of a configuration file. */
export async function withConfiguredServer(configuration: string, body: (server: NatsServer) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tracewright-nats-'));
  const path = join(folder, 'server.conf');
  writeFileSync(path, configuration, { mode: 0o600 });
  try {
    await withServer(body, '-c', path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
