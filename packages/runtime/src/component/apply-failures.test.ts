import type { Lifecycle } from 'tracewright';
import { defineComponent, deploy, type DeployOptions, type Footprint, memoryTransport } from 'tracewright/component';
import { type FakeClock, fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

function untilGrace({ grace }: Lifecycle): Promise<void> {
  return new Promise((resolve) => {
    if (grace.aborted) resolve();
    else grace.addEventListener('abort', () => resolve(), { once: true });
  });
}

const options = z.object({
  v: z.number().default(1),
  fails: z.boolean().default(false),
  startMs: z.number().default(0),
  endMs: z.number().default(0),
  failsAtEnd: z.boolean().default(false),
  /** Fails by itself, so long after its start. */
  failsAfterMs: z.number().default(0),
});

async function stage(allocations: Footprint['allocations'], more: Partial<DeployOptions> = {}) {
  const traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const journal: string[] = [];
  const bodies: Lifecycle[] = [];
  const worker = defineComponent({
    name: 'worker',
    options,
    async bootstrap(l, _link, { v, fails, startMs, endMs, failsAtEnd, failsAfterMs }) {
      journal.push(`${l.name} ${v}`);
      bodies.push(l);
      if (endMs > 0) l.defer(() => clock.sleep(endMs));
      if (startMs > 0) await clock.sleep(startMs, { signal: l.signal });
      if (fails) throw new Error('no database');
      l.fork('stay', untilGrace);
      if (failsAtEnd)
        l.fork('flush', (own) => untilGrace(own).then(() => Promise.reject(new Error('flush failed'))), { onFailure: 'fail' });
      if (failsAfterMs > 0)
        l.fork('break', (own) => clock.sleep(failsAfterMs, { signal: own.signal }).then(() => Promise.reject(new Error('broken'))), {
          onFailure: 'fail',
        });
    },
  });
  const job = defineComponent({
    name: 'job',
    options,
    bootstrap(l, _link, { v, fails }) {
      journal.push(`${l.name} ${v}`);
      if (fails) throw new Error('no input');
    },
  });
  const slow = defineComponent({
    name: 'slow',
    options: z.object({}).refine(() => new Promise<boolean>(() => undefined)),
    bootstrap: () => undefined,
  });
  const footprint = { identifier: 'shop', revision: 1, name: 'shop', allocations };
  const transport = memoryTransport({ clock });
  const components = [worker, job, slow];
  const deployment = await deploy(footprint, { runtime, components, transport, ...more });
  return {
    traces,
    clock,
    runtime,
    journal,
    bodies,
    deployment,
    states: () => deployment.status().map(({ instance, revision, state }) => `${instance}@${revision} ${state}`),
    apply: (revision: number, ...next: Footprint['allocations']) =>
      passing(clock, deployment.apply({ ...footprint, revision, allocations: next })),
    stop: () => passing(clock, deployment.stop()),
    [Symbol.dispose]: () => traces[Symbol.dispose](),
  };
}

async function passing<T>(clock: FakeClock, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const end = (): void => over.abort();
  work.then(end, end);
  while (!over.signal.aborted) await clock.advance(10);
  return await work;
}

const worker = (instance: string, given?: z.input<typeof options>): Footprint['allocations'][number] => ({
  component: 'worker',
  instance,
  options: given,
});

test('what had done its work is not done again by a roll-back', async () => {
  using on = await stage([{ component: 'job', options: { v: 1 } }, worker('worker')]);
  await on.deployment.ready;
  await on.clock.advance(10);
  await expect(on.apply(2, { component: 'job', options: { v: 2, fails: true } }, worker('worker'))).rejects.toMatchObject({
    code: 'TW_ROLLED_BACK',
    data: { failed: ['job'], restored: true },
  });
  expect(on.journal).toEqual(['job 1', 'worker 1', 'job 2']);
  expect(on.states()).toEqual(['job@1 ended', 'worker@1 ready']);
  await on.stop();
});

test('only who did not come up is blamed', async () => {
  using on = await stage([{ component: 'job' }, worker('slow', { startMs: 1e9 })], { readyTimeoutMs: 1000 });
  const refused = expect(on.deployment.ready).rejects.toMatchObject({ message: 'slow could not start', data: { failed: ['slow'] } });
  await on.clock.advance(40_000);
  await refused;
  expect(on.traces.find('footprint.apply').attributes).toMatchObject({
    'tracewright.apply.started': ['job'],
    'tracewright.apply.failed': ['slow'],
  });
});

test('who is asked to stop while it starts need not be ready in time', async () => {
  using on = await stage([worker('worker', { startMs: 100, endMs: 9000 })], { readyTimeoutMs: 5000 });
  const stopped = on.deployment.stop();
  await on.clock.advance(20_000);
  await stopped;
  await expect(on.deployment.done).resolves.toMatchObject({ status: 'stopped', failures: [] });
});

test('a component that failed before its revision was accepted, and is still ending, has failed', async () => {
  using on = await stage([worker('old')]);
  await on.deployment.ready;
  const weak = worker('weak', { failsAfterMs: 50, endMs: 5000 });
  await expect(on.apply(2, worker('old'), weak, worker('slow', { startMs: 200 }))).rejects.toMatchObject({
    code: 'TW_ROLLED_BACK',
    data: { failed: ['weak'] },
    cause: { message: 'broken' },
  });
  expect(on.states()).toEqual(['old@1 ready']);
  await on.stop();
  await expect(on.deployment.done).resolves.toMatchObject({ status: 'stopped' });
});

test('how a component ends that is stopped or replaced is no failure of the deployment', async () => {
  using on = await stage([worker('worker'), worker('gone', { failsAtEnd: true }), worker('changed', { failsAtEnd: true })]);
  await on.deployment.ready;
  await expect(on.apply(2, worker('worker'), worker('changed', { v: 2 }))).resolves.toMatchObject({
    stopped: ['gone'],
    replaced: ['changed'],
  });
  expect(on.states()).toEqual(['worker@1 ready', 'changed@2 ready']);
  await on.stop();
  await expect(on.deployment.done).resolves.toMatchObject({ status: 'stopped' });
});

test('a component may have itself replaced, where it does not wait for that; the span of it ends well', async () => {
  using on = await stage([worker('admin')]);
  await on.deployment.ready;
  const [admin] = on.bodies;
  const next = { ...on.deployment.footprint, revision: 2, allocations: [worker('admin', { v: 2 })] };
  const applied: unknown[] = [];
  await admin?.run('replace me', () => {
    void on.deployment.apply(next).then(({ replaced }) => applied.push(...replaced));
  });
  await on.clock.advance(100);
  expect(applied).toEqual(['admin']);
  const span = on.traces.spans.findLast(({ name }) => name === 'footprint.apply');
  expect(span).toMatchObject({ status: { code: 'UNSET' }, links: [{ spanId: on.traces.find('replace me').spanId }] });
  expect(span?.attributes).toMatchObject({ 'tracewright.apply.replaced': ['admin'] });
  await on.stop();
});

test('a schema that never answers does not outlive the deployment', async () => {
  using on = await stage([worker('worker')]);
  await on.deployment.ready;
  const given = { ...on.deployment.footprint, revision: 2, allocations: [{ component: 'slow' }] };
  const hanging = expect(on.deployment.apply(given)).rejects.toMatchObject({ code: 'TW_CANCELLED' });
  const queued = expect(on.deployment.apply({ ...given, revision: 3 })).rejects.toMatchObject({ code: 'TW_LIFECYCLE_STATE' });
  await on.clock.advance(10);
  await on.stop();
  await Promise.all([hanging, queued]);
  expect(on.traces.open).toEqual([]);
});

test('a deployment below a lifecycle with a slow hook begins when that is over', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const component = defineComponent({ name: 'stay', bootstrap: (l) => void l.fork('stay', untilGrace) });
  const outer = runtime.lifecycle(
    'outer',
    async (own) => {
      const below = { lifecycle: own.fork.bind(own) };
      const footprint = { identifier: 'inner', revision: 1, allocations: [{ component: 'stay' }] };
      const deployment = await deploy(footprint, { runtime: below, components: [component], transport: memoryTransport({ clock }) });
      await deployment.ready;
    },
    { onStarted: () => clock.sleep(50) },
  );
  await clock.advance(500);
  expect(outer.waitingFor()).toEqual(['outer/deployment']);
  const stopped = outer.stop();
  await clock.advance(100);
  await stopped;
  await expect(outer.done).resolves.toMatchObject({ status: 'stopped' });
});

test('the footprint that a deployment shows cannot be changed', async () => {
  using on = await stage([worker('worker')]);
  await on.deployment.ready;
  expect(() => Object.assign(on.deployment.footprint, { revision: 7 })).toThrow(TypeError);
  expect(() => Object.assign(on.deployment.footprint.allocations[0] ?? {}, { component: 'other' })).toThrow(TypeError);
  await on.stop();
});

test('a listener that has itself called again for each change hears of each change once', async () => {
  using on = await stage([worker('worker')]);
  let heard = 0;
  let forget: () => void = () => undefined;
  const listen = (): void => {
    heard += 1;
    forget();
    forget = on.deployment.onChange(listen);
  };
  forget = on.deployment.onChange(listen);
  await on.deployment.ready;
  await on.stop();
  // Stopping, ended.
  expect(heard).toBe(2);
  expect(() => on.deployment.onChange('listen' as never)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
});
