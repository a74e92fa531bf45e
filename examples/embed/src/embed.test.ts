import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const natsServer = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'nats-server'))
  .find((file) => existsSync(file));
const isSkipped = natsServer === undefined && process.env['CI'] === undefined;
if (isSkipped) console.warn('skipped: nats-server is not installed (apt-get install nats-server)');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // It listens on a port, not on a pipe.
  server.close();
  await once(server, 'close');
  return port;
}

/** A process of the example, and what it prints. */
class Player {
  readonly child: ChildProcess;
  text = '';
  readonly #listeners = new Set<() => void>();

  constructor(...args: readonly string[]) {
    const main = fileURLToPath(new URL('main.ts', import.meta.url));
    const env = { PATH: process.env['PATH'], NO_COLOR: '1' };
    this.child = spawn(process.execPath, ['--conditions=@tracewright/source', '--import', 'tsx', main, ...args], { env });
    const add = (chunk: Buffer): void => {
      this.text += chunk.toString();
      for (const listener of this.#listeners) listener();
    };
    this.child.stdout?.on('data', add);
    this.child.stderr?.on('data', add);
  }

  /** Resolves when it has printed what matches. */
  async prints(pattern: RegExp): Promise<void> {
    if (pattern.test(this.text)) return;
    await new Promise<void>((resolve, reject) => {
      const settle = (): void => {
        if (!pattern.test(this.text)) return;
        this.#listeners.delete(settle);
        resolve();
      };
      this.#listeners.add(settle);
      this.child.once('exit', () => reject(new Error(`it ended first:\n${this.text}`)));
    });
  }

  async ends(signal: NodeJS.Signals): Promise<number | null> {
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    const [code] = (await exited) as [number | null];
    return code;
  }
}

test.skipIf(isSkipped)('one process for each component over NATS, and each ends in order when it is asked to', async () => {
  const port = await freePort();
  const store = mkdtempSync(join(tmpdir(), 'embed-'));
  const broker = spawn(natsServer ?? 'nats-server', ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', store], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const players: Player[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      broker.stderr?.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('Server is ready')) resolve();
      });
      broker.once('error', reject);
    });
    const start = (...args: readonly string[]): Player => {
      const player = new Player('--transport', `nats://127.0.0.1:${port}`, ...args);
      players.push(player);
      return player;
    };
    const probe = start('--enable', 'probe');
    const pong = start('--enable', 'pong');
    const ping = start('--enable', 'ping', '--ping.intervalMs', '50');
    await probe.prints(/ball 3 came back/);
    expect(pong.text).toContain('pong');
    expect(await Promise.all([ping, pong, probe].map((player) => player.ends('SIGTERM')))).toEqual([0, 0, 0]);
  } finally {
    for (const { child } of players) child.kill('SIGKILL');
    broker.kill('SIGKILL');
    rmSync(store, { recursive: true, force: true });
  }
});
