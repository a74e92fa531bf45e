import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  // Protobuf has its strings as they are.
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('latin1');
}

/** Plays one round in a process of its own, and gives what it posted, by path. */
async function play(): Promise<ReadonlyMap<string, string>> {
  const posts = new Map<string, string>();
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      posts.set(request.url ?? '', (posts.get(request.url ?? '') ?? '') + text);
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // It listens on a port, not on a pipe.
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const env = { PATH: process.env['PATH'], OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };
  const child = spawn(process.execPath, ['--conditions=@tracewright/source', '--import', 'tsx', main, '--once'], { env, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  server.closeAllConnections();
  server.close();
  expect(code).toBe(0);
  return posts;
}

test('R5: what the example exports says which component and footprint it is of, and by which process, as its boot record does', async () => {
  const posts = await play();
  const traces = posts.get('/v1/traces') ?? '';
  for (const key of ['component.name', 'component.path', 'footprint.identifier', 'footprint.revision', 'service.instance.id'])
    expect(traces).toContain(key);
  for (const name of ['footprint.apply', 'ping.bootstrap', 'process ping', 'send pong']) expect(traces).toContain(name);
  const uuid = /service\.instance\.id[^]{1,12}?([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})/;
  const instance = uuid.exec(traces)?.[1];
  expect(instance).toBeDefined();
  const logs = posts.get('/v1/logs') ?? '';
  expect(logs).toContain('tracewright.boot');
  expect(/process\.nonce[^]{1,12}?([\da-f-]{36})/.exec(logs)?.[1]).toBe(instance);
  expect(uuid.exec(logs)?.[1]).toBe(instance);
});
