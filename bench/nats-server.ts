import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { TracewrightError } from 'tracewright';

/** What to do where there is no server. */
export const natsServerMissing = 'nats-server is not installed: apt-get install nats-server';

/** The program of the server; nothing where it is not installed. Debian puts it where only root looks. */
export function findNatsServer(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/local/bin'];
  return folders.map((folder) => join(folder, 'nats-server')).find((path) => existsSync(path));
}

/**
 * A NATS server of its own, with JetStream, on a free port of the loopback. Its store is in a temporary folder, which outlives the server: who kills it and starts it
 * again finds what it had, at the same address. Server and folder are gone with `dispose`, at the latest when this process ends, in whatever way.
 */
export class NatsServer {
  /** Temporary; others may keep there what shall go with the server. */
  readonly folder = mkdtempSync(join(tmpdir(), 'tracewright-bench-nats-'));
  readonly #program: string;
  #port = -1;
  #child: ChildProcess | undefined;
  #closed: Promise<void> = Promise.resolve();

  /** @throws {TracewrightError} `TW_BAD_OPTION` where no server is installed */
  constructor(program: string | undefined = findNatsServer()) {
    if (program === undefined) throw new TracewrightError('TW_BAD_OPTION', natsServerMissing);
    this.#program = program;
    process.once('exit', this.#remove);
  }

  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  /** Resolves when clients are served. */
  start(): Promise<void> {
    const parameters = ['-a', '127.0.0.1', '-p', String(this.#port), '-js', '-sd', join(this.folder, 'store')];
    const child = spawn(this.#program, parameters, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    const stopGuarding = child.pid === undefined ? (): void => undefined : guard(child.pid, this.folder);
    this.#closed = new Promise((resolve) => {
      child.once('close', () => {
        stopGuarding();
        resolve();
      });
    });
    return new Promise((resolve, reject) => {
      let log = '';
      child.once('error', reject);
      child.once('exit', () => reject(new TracewrightError('TW_BAD_OPTION', `nats-server ended before it was ready:\n${log}`)));
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        // What it says afterwards has to be read, or it would stop, and is of no use.
        if (log.includes('Server is ready')) return;
        log += text;
        const port = /Listening for client connections on 127\.0\.0\.1:(\d+)/.exec(log)?.[1];
        if (port !== undefined) this.#port = Number(port);
        if (log.includes('Server is ready')) resolve();
      });
    });
  }

  /** Ends the process as a failure of the machine would: clients are told nothing. What it has written stays. */
  kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    return this.#closed;
  }

  async dispose(): Promise<void> {
    await this.kill();
    process.removeListener('exit', this.#remove);
    this.#remove();
  }

  readonly #remove = (): void => {
    this.#child?.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  };
}

/**
 * Ends the server and removes its folder when this process is gone without having done so: nobody can do that for oneself after SIGKILL. Returns what ends the watch.
 */
function guard(pid: number, folder: string): () => void {
  // The end of its input is the end of this process.
  const watcher = spawn('/bin/sh', ['-c', 'cat > /dev/null; kill -9 "$1"; rm -rf "$2"', 'guard', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.unref();
  return () => void watcher.kill('SIGKILL');
}
