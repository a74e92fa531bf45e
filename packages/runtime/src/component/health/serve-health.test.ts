import { type Deployment, defineComponent, deploy, memoryTransport, serveHealth } from 'tracewright/component';
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

test('other paths and methods are told what there is', async () => {
  using on = await starting();
  expect(await on.ask('/health')).toEqual([404, 'there are /startupz, /readyz, /livez']);
  expect(await on.ask('/livez', { method: 'POST' })).toEqual([405, 'GET or HEAD']);
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

test('an event loop that stood still for too long is no sign of life', () => {
  const deployment: Pick<Deployment, 'status'> = { status: () => [] };
  const facts = { deployment, isUp: true, isEnding: false, maxStallMs: 100 };
  expect(reportHealth('liveness', { ...facts, stalledMs: 101 })).toMatchObject({
    ok: false,
    reason: 'the event loop stood still for 101 ms',
  });
  expect(reportHealth('liveness', { ...facts, stalledMs: 100 })).toMatchObject({ ok: true });
  expect(reportHealth('readiness', { ...facts, stalledMs: 5000 })).toMatchObject({ ok: true });
});
