import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createRuntime } from '../index.ts';
import { bridgeConsole, startTelemetry } from './index.ts';

interface Post {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

async function listening(server: ReturnType<typeof createServer>) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server that listens has an address of this shape.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An OTLP receiver that keeps what is posted. */
async function receiver() {
  const posts: Post[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      posts.push({ path: request.url ?? '', headers: request.headers, body });
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  return { posts, ...(await listening(server)) };
}

const logger = { warn() {} };

test('an endpoint alone sends traces, metrics and logs there as protobuf', async () => {
  await using collector = await receiver();
  const telemetry = await startTelemetry({ serviceName: 'shop', logger, env: { OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/otlp/` } });
  expect(telemetry.signals).toEqual(['traces', 'metrics', 'logs']);
  using _bridge = bridgeConsole({ console: { debug() {}, log() {}, info() {}, warn() {}, error() {} } });
  metrics.getMeter('shop').createCounter('orders.count').add(1);
  await createRuntime().run('place order', () => undefined);
  expect(await telemetry.close()).toEqual({ ok: true, failures: [] });
  const found = Object.fromEntries(collector.posts.map(({ path, body }) => [path, body.toString('latin1')]));
  expect(new Set(Object.keys(found))).toEqual(new Set(['/otlp/v1/traces', '/otlp/v1/metrics', '/otlp/v1/logs']));
  expect(found['/otlp/v1/traces']).toContain('place order');
  expect(found['/otlp/v1/metrics']).toContain('orders.count');
  expect(found['/otlp/v1/logs']).toContain('tracewright.boot');
  for (const body of Object.values(found)) expect(body).toContain('shop');
  expect(collector.posts[0]?.headers['content-type']).toBe('application/x-protobuf');
});

test('the endpoint of one signal is used as it stands, with headers and compression from their variables', async () => {
  await using collector = await receiver();
  const env = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/ingest`,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20YTpi==,x-tenant=one',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-tenant=two',
    OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
  };
  const telemetry = await startTelemetry({ logger, env });
  expect(telemetry.signals).toEqual(['traces']);
  await createRuntime().run('place order', () => undefined);
  await telemetry.close();
  expect(collector.posts).toHaveLength(1);
  expect(collector.posts[0]).toMatchObject({
    path: '/ingest',
    headers: { authorization: 'Basic YTpi==', 'x-tenant': 'two', 'content-encoding': 'gzip' },
  });
  expect(collector.posts[0]?.body.toString('latin1')).toContain('place order');
});

test('trace context and baggage go out with a request and come in with it', async () => {
  await using collector = await receiver();
  const telemetry = await startTelemetry({ logger, env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.url } });
  const runtime = createRuntime();
  const tenants: unknown[] = [];
  const server = createServer((request, response) => {
    const headers = { traceparent: String(request.headers['traceparent']), baggage: String(request.headers['baggage']) };
    const serve = runtime.run({ name: 'serve order', kind: 'server' }, (scope) => scope.spanContext.traceId, { join: headers });
    tenants.push(propagation.getBaggage(propagation.extract(context.active(), headers))?.getEntry('tenant')?.value);
    void serve.then((traceId) => response.end(traceId));
  });
  await using shop = await listening(server);
  const sent = await runtime.run({ name: 'order', kind: 'client' }, async (scope) => {
    const withBaggage = propagation.setBaggage(context.active(), propagation.createBaggage({ tenant: { value: 'blue' } }));
    const headers: Record<string, string> = {};
    propagation.inject(withBaggage, headers);
    const response = await fetch(shop.url, { headers });
    return { sent: scope.spanContext.traceId, received: await response.text() };
  });
  expect(sent.received).toBe(sent.sent);
  expect(tenants).toEqual(['blue']);
  await telemetry.close();
  expect(collector.posts[0]?.body.toString('latin1')).toMatch(/serve order[\s\S]*order|order[\s\S]*serve order/);
});

test('OTEL_PROPAGATORS chooses what goes out; an unknown one is told and left out', async () => {
  const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9', OTEL_PROPAGATORS: 'baggage,b3' };
  const telemetry = await startTelemetry({ logger, env });
  expect(telemetry.warnings).toEqual(['OTEL_PROPAGATORS names "b3": only tracecontext, baggage and none are known, it is left out']);
  expect(propagation.fields()).toEqual(['baggage']);
  await telemetry.close();
  expect(propagation.fields()).toEqual([]);
});

test('a collector that is away is in the report of close', async () => {
  const collector = await receiver();
  await collector[Symbol.asyncDispose]();
  const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_TIMEOUT: '50' };
  const telemetry = await startTelemetry({ logger, env });
  trace.getTracer('shop').startSpan('lost').end();
  const { ok, failures } = await telemetry.close();
  expect(ok).toBe(false);
  expect(failures[0]?.signal).toBe('traces');
});
