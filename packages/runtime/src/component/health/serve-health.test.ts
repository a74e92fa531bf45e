import { get } from 'node:http';
import { type Lifecycle, renderTree } from 'tracewright';
import { defineComponent, deploy, memoryTransport, serveHealth } from 'tracewright/component';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { reportHealth } from './health-state.ts';

/** A deployment whose one component comes up, or fails, when it is told to. */
async function starting(policy: 'fail-fast' | 'best-effort' = 'fail-fast') {
  const traces = recordTraces();
  const clock = fakeClock();
  let go: (error?: Error) => void = () => undefined;
  const begun = new Promise<void>((resolve, reject) => {
    go = (error) => (error === undefined ? resolve() : reject(error));
  });
  let finish: () => void = () => undefined;
  const slow = defineComponent({
    name: 'slow',
    async bootstrap(l) {
      await begun;
      l.fork('work', () => new Promise<void>((resolve) => (finish = resolve)));
    },
  });
  const given = { identifier: 'fp', revision: 1, allocations: [{ component: 'slow' }] };
  const deployment = await deploy(given, {
    runtime: traces.runtime({ clock }),
    components: [slow],
    transport: memoryTransport({ clock }),
    policy,
  });
  const health = await serveHealth(deployment, { port: 0 });
  const ask = async (path: string, init?: RequestInit): Promise<[number, string | undefined]> => {
    const response = await fetch(health.origin + path, init);
    const body = (await response.json()) as { reason?: string; error?: string };
    return [response.status, body.reason ?? body.error];
  };
  return { traces, clock, deployment, health, ask, go, finish: () => finish(), [Symbol.dispose]: () => traces[Symbol.dispose]() };
}

test('startup and readiness wait for the components, readiness ends with the first word of the end, liveness stays', async () => {
  using on = await starting();
  expect([await on.ask('/startupz'), await on.ask('/readyz'), await on.ask('/livez')]).toEqual([
    [503, 'still starting'],
    [503, 'still starting'],
    [200, undefined],
  ]);
  on.go();
  await on.deployment.ready;
  expect([await on.ask('/startupz'), await on.ask('/readyz?verbose'), await on.ask('/livez')]).toEqual([
    [200, undefined],
    [200, undefined],
    [200, undefined],
  ]);
  const stopped = on.deployment.stop();
  expect([await on.ask('/startupz'), await on.ask('/readyz'), await on.ask('/livez')]).toEqual([
    [200, undefined],
    [503, 'stopping'],
    [200, undefined],
  ]);
  on.finish();
  await stopped;
  expect(await on.ask('/livez')).toEqual([200, undefined]);
  await on.health.close();
  await on.health.close();
  await expect(fetch(`${on.health.origin}/livez`)).rejects.toThrow();
});

test('a component that fails is named', async () => {
  using on = await starting('best-effort');
  on.go(new Error('no database'));
  await on.deployment.ready;
  expect([await on.ask('/startupz'), await on.ask('/readyz'), await on.ask('/livez')]).toEqual([
    [200, undefined],
    [503, 'failed: slow'],
    [200, undefined],
  ]);
  const response = await fetch(`${on.health.origin}/readyz`);
  await expect(response.json()).resolves.toMatchObject({ components: [{ instance: 'slow', component: 'slow', state: 'failed' }] });
  expect(response.headers.get('cache-control')).toBe('no-store');
  await on.deployment.stop();
  await on.health.close();
});

test('what has come to its end by itself wants no more traffic', async () => {
  using on = await starting();
  on.go();
  await on.deployment.ready;
  on.finish();
  await on.deployment.done;
  expect([await on.ask('/startupz'), await on.ask('/readyz'), await on.ask('/livez')]).toEqual([
    [200, undefined],
    [503, 'stopping'],
    [200, undefined],
  ]);
  await on.health.close();
});

test('other paths and methods are told what there is', async () => {
  using on = await starting();
  expect(await on.ask('/health')).toEqual([404, 'there are /startupz, /readyz, /livez, /tree']);
  expect(await on.ask('/livez', { method: 'POST' })).toEqual([405, 'GET or HEAD']);
  expect(await on.ask('/tree', { method: 'DELETE' })).toEqual([405, 'GET or HEAD']);
  const refused = await fetch(`${on.health.origin}/livez`, { method: 'POST' });
  expect(refused.headers.get('allow')).toBe('GET, HEAD');
  on.go();
  on.finish();
  await on.health.close();
  on.deployment.lifecycle.terminate();
  await on.clock.advance(40_000);
  await on.deployment.done;
});

test('a port that is in use is named, and what to do about it', async () => {
  using on = await starting();
  const port = Number(new URL(on.health.origin).port);
  await expect(serveHealth(on.deployment, { port })).rejects.toMatchObject({
    code: 'TW_LISTEN',
    message: `health cannot be served on 127.0.0.1:${port}: it is in use`,
    data: { host: '127.0.0.1', port },
  });
  await expect(serveHealth(on.deployment, { port: 70_000 })).rejects.toMatchObject({ code: 'TW_BAD_OPTION' });
  await on.health.close();
  on.deployment.lifecycle.terminate();
  await on.clock.advance(40_000);
  await on.deployment.done;
});

/** A deployment `desk` whose worker has promised to poll, and what its body got. */
async function polling(workers = 1) {
  const traces = recordTraces();
  const clock = fakeClock();
  const given: Lifecycle[] = [];
  const worker = defineComponent({
    name: 'worker',
    bootstrap(l) {
      given.push(l);
      l.heartbeat('poll', { withinMs: 10_000 });
      l.fork('loop', (loop) => new Promise((resolve) => loop.stopping.addEventListener('abort', resolve)));
    },
  });
  const allocations = Array.from({ length: workers }, (_, index) => ({ component: 'worker', instance: `worker${index || ''}` }));
  const footprint = { identifier: 'fp', revision: 1, name: 'desk', allocations };
  const deployment = await deploy(footprint, {
    runtime: traces.runtime({ clock }),
    components: [worker],
    transport: memoryTransport({ clock }),
  });
  await deployment.ready;
  const health = await serveHealth(deployment, { port: 0 });
  return {
    clock,
    deployment,
    health,
    l: given,
    ask: (path: string, init?: RequestInit): Promise<Response> => fetch(health.origin + path, init),
    async [Symbol.asyncDispose]() {
      await deployment.stop();
      await health.close();
      traces[Symbol.dispose]();
    },
  };
}

test('a heartbeat that is overdue is no sign of life, and says nothing about readiness', async () => {
  await using on = await polling();
  await on.clock.advance(10_000);
  expect((await on.ask('/livez')).status).toBe(200);
  await on.clock.advance(2000);
  const response = await on.ask('/livez');
  expect(response.status).toBe(503);
  await expect(response.json()).resolves.toMatchObject({
    ok: false,
    reason: 'no heartbeat of desk/worker poll for 12 s',
    components: [{ instance: 'worker', state: 'ready' }],
  });
  expect((await on.ask('/readyz')).status).toBe(200);
});

test('of many overdue heartbeats three are named', async () => {
  await using on = await polling(5);
  await on.clock.advance(12_000);
  await expect((await on.ask('/livez')).json()).resolves.toMatchObject({
    reason: 'no heartbeat of desk/worker poll for 12 s, desk/worker1 poll for 12 s, desk/worker2 poll for 12 s, 2 more',
  });
});

test('a component that is asked to stop does not end the life of the process by its silence', async () => {
  await using on = await polling();
  await on.clock.advance(12_000);
  expect((await on.ask('/livez')).status).toBe(503);
  on.l[0]?.defer(() => on.clock.sleep(60_000));
  const stopped = on.deployment.stop();
  expect((await on.ask('/livez')).status).toBe(200);
  await on.clock.advance(60_000);
  await stopped;
});

test.each([
  ['text for curl', '*/*', 'text/plain; charset=utf-8'],
  ['text for a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/plain; charset=utf-8'],
  ['text where that is liked better', 'application/json;q=0.5, text/plain', 'text/plain; charset=utf-8'],
  ['text where JSON is refused', 'application/json;q=0, */*', 'text/plain; charset=utf-8'],
  ['JSON where it is asked for', 'application/json', 'application/json'],
  ['JSON where it is one of several', 'Application/JSON; charset=utf-8, text/plain, */*', 'application/json'],
])('the tree is %s', async (_, accept, type) => {
  await using on = await polling();
  const response = await on.ask('/tree', { headers: { accept } });
  expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([200, type, 'no-store']);
  const text = await response.text();
  const tree = on.deployment.lifecycle.tree();
  expect(text).toBe(type === 'application/json' ? `${JSON.stringify(tree)}\n` : `${renderTree(tree)}\n`);
  expect(text).toContain('worker');
});

test('the tree answers a client that says nothing of types, and HEAD without a body', async () => {
  await using on = await polling();
  const text = await new Promise<string>((resolve, reject) => {
    // Unlike fetch, it sends no header of its own.
    get(`${on.health.origin}/tree`, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve(body));
    }).on('error', reject);
  });
  expect(text).toBe(`${renderTree(on.deployment.lifecycle.tree())}\n`);
  const head = await on.ask('/tree', { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('an event loop that stood still for too long is no sign of life', async () => {
  await using on = await polling();
  const facts = { deployment: on.deployment, isUp: true, isEnding: false, maxStallMs: 100 };
  expect(reportHealth('liveness', { ...facts, stalledMs: 101 })).toMatchObject({
    ok: false,
    reason: 'the event loop stood still for 101 ms',
  });
  expect(reportHealth('liveness', { ...facts, stalledMs: 100 })).toMatchObject({ ok: true });
  expect(reportHealth('readiness', { ...facts, stalledMs: 5000 })).toMatchObject({ ok: true });
});

test('each of two who ask is told that the event loop of this process stood still', async () => {
  await using on = await polling();
  const health = await serveHealth(on.deployment, { port: 0, maxStallMs: 100 });
  const status = async (): Promise<number> => (await fetch(`${health.origin}/livez`)).status;
  // The monitor has to have begun to measure, which it does not tell.
  for (let round = 0; round < 20 && (await status()) === 200; round += 1) {
    const untilMs = performance.now() + 200;
    while (performance.now() < untilMs);
  }
  expect([await status(), await status()]).toEqual([503, 503]);
  await health.close();
});
