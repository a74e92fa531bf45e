import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { type ClientReadableStream, credentials, makeClientConstructor, type ServiceError, status } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import type { Heartbeat } from 'tracewright';
import { type Deployment, defineComponent, deploy, memoryTransport } from 'tracewright/component';
import { type GrpcHealthOptions, serveGrpcHealth } from 'tracewright/grpc-health';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

interface Answer {
  readonly status: string;
}

/** What a client of gRPC makes of the service; it knows the types only when it runs. */
interface HealthClient {
  check(request: { service: string }, done: (error: ServiceError | null, answer?: Answer) => void): void;
  list(request: object, done: (error: ServiceError | null, answer?: { statuses: Record<string, Answer> }) => void): void;
  watch(request: { service: string }): ClientReadableStream<Answer>;
  close(): void;
}

function connectTo(address: string) {
  const Client = makeClientConstructor(healthService, 'grpc.health.v1.Health');
  // Its methods are made from the definition of the service.
  const client = new Client(address, credentials.createInsecure()) as unknown as HealthClient;
  return {
    check: (service: string): Promise<string> =>
      new Promise((resolve) => {
        client.check({ service }, (error, answer) => resolve(error === null ? String(answer?.status) : status[error.code]));
      }),
    list: (): Promise<Record<string, string> | string> =>
      new Promise((resolve) => {
        client.list({}, (error, answer) => {
          const listed = Object.entries(answer?.statuses ?? {}).map(([name, { status: serving }]) => [name, serving] as const);
          resolve(error === null ? Object.fromEntries(listed) : status[error.code]);
        });
      }),
    watch(service: string) {
      const call = client.watch({ service });
      const answers: AsyncIterator<Answer> = call[Symbol.asyncIterator]();
      const next = async (): Promise<string> => {
        const { done, value } = await answers.next();
        return done === true ? 'the end' : value.status;
      };
      return { call, next };
    },
    close: () => client.close(),
  };
}

interface Starting {
  readonly policy?: 'fail-fast' | 'best-effort';
  readonly options?: Partial<GrpcHealthOptions>;
}

/** A deployment whose one component `till` comes up, or fails, and ends when it is told to. */
async function starting({ policy = 'fail-fast', options = {} }: Starting = {}) {
  const traces = recordTraces();
  const clock = fakeClock();
  let go: (error?: Error) => void = () => undefined;
  const begun = new Promise<void>((resolve, reject) => {
    go = (error) => (error === undefined ? resolve() : reject(error));
  });
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const heartbeats: Heartbeat[] = [];
  const till = defineComponent({
    name: 'till',
    async bootstrap(l) {
      await begun;
      heartbeats.push(l.heartbeat('poll', { withinMs: 10_000 }));
      l.fork('work', () => finished);
    },
  });
  const given = { identifier: 'fp', revision: 1, allocations: [{ component: 'till', instance: 'north' }] };
  const deployment = await deploy(given, {
    runtime: traces.runtime({ clock }),
    components: [till],
    transport: memoryTransport({ clock }),
    policy,
  });
  const health = await serveGrpcHealth(deployment, { port: 0, ...options });
  const client = connectTo(health.address);
  return {
    clock,
    deployment,
    health,
    ...client,
    go,
    finish,
    beat: () => heartbeats.forEach((heartbeat) => heartbeat.beat()),
    async [Symbol.asyncDispose]() {
      go();
      finish();
      await health.close();
      client.close();
      await deployment.stop();
      traces[Symbol.dispose]();
    },
  };
}

const asked = ['', 'readiness', 'startup', 'liveness', 'north'];

test('readiness waits for the components and ends with the first word of the end, startup and liveness stay until it is closed', async () => {
  await using on = await starting();
  const all = (): Promise<string[]> => Promise.all(asked.map((service) => on.check(service)));
  expect(await all()).toEqual(['NOT_SERVING', 'NOT_SERVING', 'NOT_SERVING', 'SERVING', 'NOT_SERVING']);
  on.go();
  await on.deployment.ready;
  expect(await all()).toEqual(['SERVING', 'SERVING', 'SERVING', 'SERVING', 'SERVING']);
  const stopped = on.deployment.stop();
  expect(await all()).toEqual(['NOT_SERVING', 'NOT_SERVING', 'SERVING', 'SERVING', 'NOT_SERVING']);
  on.finish();
  await stopped;
  expect(await all()).toEqual(['NOT_SERVING', 'NOT_SERVING', 'SERVING', 'SERVING', 'NOT_SERVING']);
  await on.health.close();
  await on.health.close();
  expect(await on.check('')).toBe('UNAVAILABLE');
});

test('who watches is told at once and at each change, until the end', async () => {
  await using on = await starting();
  const [readiness, liveness, north] = [on.watch(''), on.watch('liveness'), on.watch('north')];
  expect([await readiness.next(), await liveness.next(), await north.next()]).toEqual(['NOT_SERVING', 'SERVING', 'NOT_SERVING']);
  on.go();
  expect([await readiness.next(), await north.next()]).toEqual(['SERVING', 'SERVING']);
  const stopped = on.deployment.stop();
  expect([await readiness.next(), await north.next()]).toEqual(['NOT_SERVING', 'NOT_SERVING']);
  on.finish();
  await stopped;
  await on.health.close();
  expect([await readiness.next(), await liveness.next(), await north.next()]).toEqual(['the end', 'the end', 'the end']);
});

test('one that closes while all is well says first that it serves no longer', async () => {
  await using on = await starting();
  on.go();
  await on.deployment.ready;
  const [readiness, startup] = [on.watch('readiness'), on.watch('startup')];
  expect([await readiness.next(), await startup.next()]).toEqual(['SERVING', 'SERVING']);
  await on.health.close();
  expect([await readiness.next(), await readiness.next(), await startup.next()]).toEqual(['NOT_SERVING', 'the end', 'the end']);
});

test('a deployment that ends by itself is not ready any more', async () => {
  await using on = await starting();
  const readiness = on.watch('readiness');
  expect(await readiness.next()).toBe('NOT_SERVING');
  on.go();
  expect(await readiness.next()).toBe('SERVING');
  on.finish();
  await on.deployment.done;
  expect(await readiness.next()).toBe('NOT_SERVING');
  expect(await on.check('liveness')).toBe('SERVING');
});

test('a component that failed is not serving, and nor is the deployment that goes on without it', async () => {
  await using on = await starting({ policy: 'best-effort' });
  on.go(new Error('no database'));
  await on.deployment.ready;
  expect(await on.list()).toEqual({
    '': 'NOT_SERVING',
    readiness: 'NOT_SERVING',
    startup: 'SERVING',
    liveness: 'SERVING',
    north: 'NOT_SERVING',
  });
});

test('a service that there is not is not found, and a watch of it waits', async () => {
  await using on = await starting();
  expect(await on.check('south')).toBe('NOT_FOUND');
  const south = on.watch('south');
  expect(await south.next()).toBe('SERVICE_UNKNOWN');
  await on.health.close();
  expect(await south.next()).toBe('the end');
});

test('an instance of a later revision is a service from then on, and who watched for it is told', async () => {
  await using on = await starting();
  on.go();
  await on.deployment.ready;
  const south = on.watch('south');
  expect(await south.next()).toBe('SERVICE_UNKNOWN');
  const { footprint } = on.deployment;
  const applied = on.deployment.apply({
    ...footprint,
    revision: 2,
    allocations: [...footprint.allocations, { component: 'till', instance: 'south' }],
  });
  let told = await south.next();
  // While it starts.
  if (told === 'NOT_SERVING') told = await south.next();
  expect(told).toBe('SERVING');
  await applied;
  expect(await on.list()).toMatchObject({ north: 'SERVING', south: 'SERVING' });
});

test('more instances than a list may have are no list', async () => {
  const deployment = {
    status: () => Array.from({ length: 97 }, (_, at) => ({ component: 'till', instance: `till-${at}`, state: 'ready' })),
    grace: new AbortController().signal,
    ready: Promise.resolve([]),
    done: new Promise(() => undefined),
    onChange: () => () => undefined,
  } as unknown as Deployment; // All of a deployment that health looks at.
  const health = await serveGrpcHealth(deployment, { port: 0 });
  const client = connectTo(health.address);
  expect(await client.list()).toBe('RESOURCE_EXHAUSTED');
  expect(await client.check('till-96')).toBe('SERVING');
  client.close();
  await health.close();
});

test('an event loop that stood still for too long is no sign of life', async () => {
  await using on = await starting({ options: { maxStallMs: 100 } });
  // The monitor has to have begun to measure, which it does not tell.
  for (let round = 0; round < 20 && (await on.check('liveness')) === 'SERVING'; round += 1) {
    const untilMs = performance.now() + 200;
    while (performance.now() < untilMs);
  }
  expect([await on.check('liveness'), await on.check('liveness')]).toEqual(['NOT_SERVING', 'NOT_SERVING']);
});

test('who watches liveness is told of a heartbeat that does not come, and of one that comes again', async () => {
  await using on = await starting();
  on.go();
  await on.deployment.ready;
  const liveness = on.watch('liveness');
  expect(await liveness.next()).toBe('SERVING');
  on.clock.tick(10_001);
  expect(await liveness.next()).toBe('NOT_SERVING');
  on.beat();
  expect(await liveness.next()).toBe('SERVING');
});

test('neither the server nor those who are connected to it keep the process alive', async () => {
  const held = (): string[] => process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP'));
  // What other tests have closed takes its time to go.
  while (held().length > 0) await turn();
  await using on = await starting();
  expect(held()).toEqual([]);
  const readiness = on.watch('readiness');
  await readiness.next();
  // The client's own end.
  expect(held()).toEqual(['TCPSocketWrap']);
});

test('a connection that does not end by itself is cut', async () => {
  await using on = await starting();
  const [host, port] = on.health.address.split(':');
  const socket = connect(Number(port), host);
  const gone = once(socket, 'close');
  await once(socket, 'data');
  // From now on it does not hear that the server has ended it.
  socket.pause();
  await on.health.close();
  socket.resume();
  await gone;
});

test('a port that is in use is named, and what is no option is refused', async () => {
  await using on = await starting();
  const port = Number(on.health.address.split(':')[1]);
  await expect(serveGrpcHealth(on.deployment, { port })).rejects.toMatchObject({
    code: 'TW_LISTEN',
    message: `health cannot be served on 127.0.0.1:${port}: it is in use`,
    data: { host: '127.0.0.1', port },
  });
  // From JavaScript.
  const wrong: unknown[] = [
    { port: 70_000 },
    { port: 0, host: '' },
    { port: 0, maxStallMs: 0 },
    { port: 0, credentials: 'none' },
    { port: 0, hots: '::1' },
  ];
  for (const options of wrong) {
    await expect(serveGrpcHealth(on.deployment, options as GrpcHealthOptions)).rejects.toMatchObject({ code: 'TW_BAD_OPTION' });
  }
});
