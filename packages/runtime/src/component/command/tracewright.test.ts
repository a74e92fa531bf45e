import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const command = fileURLToPath(new URL('tracewright.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const packages = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), '..');

const components = `
  import { defineComponent } from 'tracewright/component';
  import { z } from 'zod';
  const order = z.object({ id: z.string() });
  const intake = defineComponent({ name: 'intake', aspects: { orders: order }, bootstrap: (_l, link) => link.publish('orders', { id: '1' }) });
  const till = defineComponent({
    name: 'till',
    interests: { orders: order },
    options: z.object({ greeting: z.string() }),
    bootstrap(l, link, { greeting }) {
      l.defer(() => console.log('closed'));
      link.subscribe('orders', async ({ payload }) => {
        console.log('charging', payload.id);
        await new Promise((resolve) => l.grace.addEventListener('abort', resolve));
        console.log(greeting, payload.id);
      });
    },
  });
  export const all = [intake, till];
  export { till };
  export const price = 5;
`;

const footprint =
  'identifier: a\nrevision: 1\nname: shop\nallocations:\n  - component: intake\n  - { component: till, options: { greeting: bye } }\n';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracewright-command-'));
  await symlink(packages, join(folder, 'node_modules'));
  await mkdir(join(folder, 'shop'));
  for (const [name, text] of [
    ['package.json', '{ "type": "module" }'],
    ['shop/components.ts', components],
    ['shop/shop.yaml', footprint],
  ] as const)
    await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true }));

interface Ran {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command; sends SIGTERM when it prints `until`. */
async function tracewright(args: readonly string[], { input = '', until = '', env = {} } = {}): Promise<Ran> {
  const flags = ['--conditions=@tracewright/source', '--import', tsx, command, ...args];
  const child = spawn(process.execPath, flags, { cwd: folder, env: { PATH: process.env['PATH'], ...env } });
  child.stdin.end(input);
  const text = { stdout: '', stderr: '' };
  let isTold = until === '';
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      if (isTold || !text[name].includes(until)) return;
      isTold = true;
      child.kill('SIGTERM');
    });
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]; // What Node documents of this event.
  return { code, signal, ...text };
}

test('the command runs a footprint with the components beside it; SIGTERM lets the work in hand end, and it exits with 0', async () => {
  const ran = await tracewright(['run', 'shop/shop.yaml', '--till.greeting', 'cheers'], { until: 'charging' });
  expect(ran).toMatchObject({ code: 0, signal: null, stdout: 'charging 1\ncheers 1\nclosed\n' });
  expect(ran.stderr).toMatch(/info {2}SIGTERM: stopping, within 20 s\n(?:.*\n)*.*the end: stopped {2}exit=0\n$/);
});

test('telemetry is sent before the process ends', async () => {
  const received: string[] = [];
  const collector = createServer((request, response) => {
    let body = '';
    request.setEncoding('latin1').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      received.push(`${request.url} ${body}`);
      response.end();
    });
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo; // It listens on a port, not on a pipe.
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_LOGS_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' };
  const { code } = await tracewright(['run', 'shop/shop.yaml'], { until: 'charging', env });
  collector.close();
  expect(code).toBe(0);
  const traces = received.filter((request) => request.startsWith('/v1/traces')).join('');
  for (const text of ['shop', 'process orders', 'till.bootstrap', 'till.cleanup']) expect(traces).toContain(text);
});

test('its help shows the options of the components beside the footprint', async () => {
  const { code, stdout } = await tracewright(['run', 'shop/shop.yaml', '--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/\n\ntill:\n {2}--till\.greeting <string> +\(required\)\n/);
});

test('a footprint on standard input needs to be told where the components are', async () => {
  const args = ['run', '-', '--components', './shop/components.ts', '--dry-run'];
  const { code, stdout } = await tracewright(args, { input: footprint });
  expect([code, stdout.split('\n')[0]]).toEqual([0, 'shop (a), revision 1: 2 instances, 1 destination']);
});
