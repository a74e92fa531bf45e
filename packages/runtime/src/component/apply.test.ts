import { defineComponent, deploy, type Deployment, type DeployOptions, type Footprint, memoryTransport } from 'tracewright/component';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

const text = z.object({ text: z.string() });

/** Components that write down what becomes of them, and a deployment of some of them. */
async function stage(allocations: Footprint['allocations'], more: Partial<DeployOptions> = {}) {
  const traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const journal: string[] = [];
  const worker = defineComponent({
    name: 'worker',
    options: z.object({ greeting: z.string().default('hello'), fails: z.boolean().default(false), hangs: z.boolean().default(false) }),
    interests: { orders: text },
    async bootstrap(l, link, { greeting, fails, hangs }) {
      journal.push(`${l.name} starts`);
      if (fails) throw new Error('no database');
      if (hangs) await clock.sleep(1e9, { signal: l.grace });
      link.subscribe('orders', ({ payload }) => void journal.push(`${l.name}: ${greeting} ${payload.text}`));
      l.defer(async () => {
        await clock.sleep(10);
        journal.push(`${l.name} ends`);
      });
    },
  });
  const brittle = defineComponent({
    name: 'brittle',
    interests: { blows: text },
    bootstrap(l, link) {
      link.subscribe('blows', ({ payload }) => {
        try {
          l.fatal(new Error(payload.text));
        } catch {
          // It has failed all the same.
        }
      });
    },
  });
  const brief = defineComponent({ name: 'brief', bootstrap: (l) => void journal.push(`${l.name} starts`) });
  let publish: (aspect: 'orders' | 'blows', said: string) => Promise<void> = () => Promise.resolve();
  const source = defineComponent({
    name: 'source',
    aspects: { orders: text, blows: text },
    bootstrap(l, link) {
      publish = (aspect, said) => runtime.run('say', () => link.publish(aspect, { text: said }));
      l.fork('stay', ({ grace }) => new Promise((resolve) => grace.addEventListener('abort', resolve, { once: true })));
    },
  });
  const components = [worker, brittle, brief, source];
  const footprint = { identifier: 'shop', revision: 1, name: 'shop', allocations };
  const deployment = await deploy(footprint, { runtime, components, transport: memoryTransport({ clock }), ...more });
  const revision = (number: number, ...next: Footprint['allocations']): Footprint => ({
    ...footprint,
    revision: number,
    allocations: next,
  });
  return {
    traces,
    clock,
    runtime,
    journal,
    deployment,
    revision,
    publish: (aspect: 'orders' | 'blows', said: string) => publish(aspect, said),
    /** Applies, while time passes. */
    apply: (next: Footprint) => whilePassing(clock, deployment.apply(next)),
    stop: () => whilePassing(clock, deployment.stop()),
    [Symbol.dispose]: () => traces[Symbol.dispose](),
  };
}

async function whilePassing<T>(clock: ReturnType<typeof fakeClock>, work: Promise<T>): Promise<T> {
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  work.then(over, over);
  for (let step = 0; step < 20_000 && !isPast(); step += 1) await clock.advance(10);
  return await work;

  function isPast(): boolean {
    return isOver;
  }
}

const states = (deployment: Deployment): unknown => deployment.status().map(({ instance, revision, state }) => [instance, revision, state]);

test('a higher revision starts, replaces and stops what has changed, and leaves the rest alone', async () => {
  using on = await stage([
    { component: 'worker', instance: 'same', options: { greeting: 'hi' }, bindings: { orders: 'a' } },
    { component: 'worker', instance: 'other options', bindings: { orders: 'b' } },
    { component: 'worker', instance: 'other bindings', bindings: { orders: 'c' } },
    { component: 'worker', instance: 'gone', bindings: { orders: 'd' } },
  ]);
  await on.deployment.ready;
  on.journal.length = 0;
  const next = on.revision(
    2,
    { component: 'worker', instance: 'new', bindings: { orders: 'e' } },
    { component: 'worker', instance: 'same', options: { greeting: 'hi' }, bindings: { orders: 'a' } },
    { component: 'worker', instance: 'other options', options: { greeting: 'ho' }, bindings: { orders: 'b' } },
    { component: 'worker', instance: 'other bindings', bindings: { orders: 'x' } },
  );
  const applied = await on.apply(next);
  expect(applied).toEqual({
    footprint: next,
    started: ['new'],
    replaced: ['other options', 'other bindings'],
    stopped: ['gone'],
    kept: ['same'],
  });
  expect(on.journal).toEqual([
    'new starts',
    'other options ends',
    'other bindings ends',
    'other options starts',
    'other bindings starts',
    'gone ends',
  ]);
  expect(on.deployment.footprint).toEqual(next);
  expect(states(on.deployment)).toEqual([
    ['new', 2, 'ready'],
    ['same', 1, 'ready'],
    ['other options', 2, 'ready'],
    ['other bindings', 2, 'ready'],
  ]);
  await on.stop();
});

test('G2, G3: the application of a revision is one span, a root linked to who asked for it, which ends when all is up', async () => {
  using on = await stage([
    { component: 'worker', instance: 'gone' },
    { component: 'worker', instance: 'changed' },
  ]);
  await on.deployment.ready;
  const next = on.revision(7, { component: 'worker', instance: 'changed', options: { greeting: 'ho' } }, { component: 'brief' });
  await on.runtime.run('command', async () => await on.apply({ ...next, solution: 'theatre' }));
  const command = on.traces.find('command');
  const span = on.traces.spans.findLast(({ name }) => name === 'footprint.apply');
  expect(span).toMatchObject({
    kind: 'INTERNAL',
    links: [{ spanId: command.spanId }],
    attributes: {
      'footprint.identifier': 'shop',
      'footprint.revision': 7,
      'footprint.solution': 'theatre',
      'tracewright.apply.started': ['brief'],
      'tracewright.apply.replaced': ['changed'],
      'tracewright.apply.stopped': ['gone'],
    },
  });
  expect(span?.parentSpanId).toBeUndefined();
  expect(on.traces.open).toEqual([]);
  await on.stop();
  const bootstraps = on.traces.spans.filter(({ name }) => name.endsWith('.bootstrap'));
  expect(
    bootstraps.map(({ attributes }) => [attributes['component.path'], attributes['footprint.revision'], attributes['footprint.solution']]),
  ).toEqual([
    ['shop/gone', 1, undefined],
    ['shop/changed', 1, undefined],
    ['shop/brief', 7, 'theatre'],
    ['shop/changed', 7, 'theatre'],
  ]);
});

test.each([1, 0])('revision %i is not applied where revision 1 runs', async (number) => {
  using on = await stage([{ component: 'worker' }]);
  await expect(on.apply(on.revision(number, { component: 'brief' }))).rejects.toMatchObject({
    code: 'TW_STALE_REVISION',
    message: `revision ${number} of shop is not applied: revision 1 runs`,
    data: { identifier: 'shop', revision: number, running: 1 },
  });
  expect(states(on.deployment)).toEqual([['worker', 1, 'ready']]);
  await on.stop();
});

test('what is wrong with a revision is told before anything is touched', async () => {
  using on = await stage([{ component: 'worker' }]);
  await on.deployment.ready;
  const options = { greeting: 5 };
  await expect(on.apply(on.revision(2, { component: 'worker', options }, { component: 'wroker' }))).rejects.toMatchObject({
    code: 'TW_COMPONENT_OPTIONS',
    data: { problems: [{ path: 'allocations[0].options.greeting' }, { path: 'allocations[1].component' }] },
  });
  await expect(on.apply({ ...on.revision(2, { component: 'brief' }), identifier: 'bank' })).rejects.toMatchObject({
    code: 'TW_BAD_OPTION',
  });
  await expect(on.deployment.apply({ ...on.revision(2), revision: '2' } as never)).rejects.toMatchObject({ code: 'TW_BAD_OPTION' });
  expect(on.journal).toEqual(['worker starts']);
  expect(on.deployment.footprint.revision).toBe(1);
  await on.stop();
});

test.each([
  ['cannot start', { fails: true }, 'no database'],
  ['is not ready in time', { hangs: true }, 'changed was not ready in 60000 ms'],
])('where a component %s, all is as it was before', async (_, options, cause) => {
  using on = await stage([
    { component: 'worker', instance: 'changed', bindings: { orders: 'a' } },
    { component: 'worker', instance: 'gone', bindings: { orders: 'b' } },
    { component: 'source', bindings: { orders: 'a' } },
  ]);
  await on.deployment.ready;
  const next = on.revision(
    2,
    { component: 'worker', instance: 'new', bindings: { orders: 'c' } },
    { component: 'worker', instance: 'changed', options, bindings: { orders: 'a' } },
    { component: 'source', bindings: { orders: 'a' } },
  );
  await expect(on.apply(next)).rejects.toMatchObject({
    code: 'TW_ROLLED_BACK',
    message: 'changed of revision 2 of shop did not come up: what ran before runs again',
    data: { identifier: 'shop', revision: 2, failed: ['changed'], restored: true, lost: [] },
    cause: { message: cause },
  });
  expect(on.deployment.footprint.revision).toBe(1);
  expect(states(on.deployment)).toEqual([
    ['changed', 1, 'ready'],
    ['gone', 1, 'ready'],
    ['source', 1, 'ready'],
  ]);
  expect(on.traces.spans.findLast(({ name }) => name === 'footprint.apply')?.attributes['error.type']).toBe('TW_ROLLED_BACK');
  await on.publish('orders', 'Ada');
  await on.clock.advance(10);
  expect(on.journal.at(-1)).toBe('changed: hello Ada');
  // The next one may be better.
  await expect(on.apply(on.revision(2, { component: 'brief' }))).resolves.toMatchObject({ started: ['brief'] });
  await expect(on.deployment.done).resolves.toMatchObject({ status: 'ok' });
});

test('where a new component cannot start, nothing that ran was touched', async () => {
  using on = await stage([{ component: 'worker', instance: 'changed' }]);
  await on.deployment.ready;
  const allocations = [
    { component: 'worker', instance: 'changed', options: { greeting: 'ho' } },
    { component: 'worker', instance: 'new', options: { fails: true } },
  ];
  await expect(on.apply(on.revision(2, ...allocations))).rejects.toMatchObject({ code: 'TW_ROLLED_BACK', data: { failed: ['new'] } });
  expect(on.journal).toEqual(['changed starts', 'new starts']);
  await on.stop();
});

test('revisions are applied one after the other, in the order of the calls', async () => {
  using on = await stage([{ component: 'worker' }]);
  const second = on.deployment.apply(on.revision(2, { component: 'worker', options: { greeting: 'two' } }));
  const failing = on.deployment.apply(on.revision(3, { component: 'worker', options: { fails: true } }));
  const fourth = on.deployment.apply(on.revision(4, { component: 'worker', options: { greeting: 'four' } }));
  const stale = on.deployment.apply(on.revision(3, { component: 'brief' }));
  const settled = await whilePassing(on.clock, Promise.allSettled([second, failing, fourth, stale]));
  expect(settled).toMatchObject([
    { value: { replaced: ['worker'] } },
    { reason: { code: 'TW_ROLLED_BACK' } },
    { value: { replaced: ['worker'] } },
    { reason: { code: 'TW_STALE_REVISION' } },
  ]);
  expect(states(on.deployment)).toEqual([['worker', 4, 'ready']]);
  await on.stop();
});

test('a failure counts from when the revision was applied: then it ends a deployment that fails fast', async () => {
  using on = await stage([{ component: 'source' }]);
  await on.deployment.ready;
  await on.apply(on.revision(2, { component: 'source' }, { component: 'brittle' }));
  await on.publish('blows', 'later');
  await on.clock.advance(2000);
  await expect(on.deployment.done).resolves.toMatchObject({ status: 'failed', error: { message: 'later' } });
});

test('a component that failed is started again by the next revision, where the others went on', async () => {
  using on = await stage([{ component: 'source' }, { component: 'brittle' }], { policy: 'best-effort' });
  await on.deployment.ready;
  await on.publish('blows', 'once');
  await on.clock.advance(10);
  expect(states(on.deployment)).toEqual([
    ['source', 1, 'ready'],
    ['brittle', 1, 'failed'],
  ]);
  await expect(on.apply(on.revision(2, { component: 'source' }, { component: 'brittle' }))).resolves.toMatchObject({
    replaced: ['brittle'],
    kept: ['source'],
  });
  expect(states(on.deployment)).toEqual([
    ['source', 1, 'ready'],
    ['brittle', 2, 'ready'],
  ]);
  await on.stop();
});

test('messages that come while their component is being replaced wait for its successor', async () => {
  using on = await stage([
    { component: 'worker', bindings: { orders: 'a' } },
    { component: 'source', bindings: { orders: 'a' } },
  ]);
  await on.deployment.ready;
  const source = { component: 'source', bindings: { orders: 'a' } };
  const applied = on.deployment.apply(
    on.revision(2, { component: 'worker', options: { greeting: 'ho' }, bindings: { orders: 'a' } }, source),
  );
  for (let n = 1; n <= 5; n += 1) {
    await on.publish('orders', String(n));
    await on.clock.advance(5);
  }
  await whilePassing(on.clock, applied);
  await on.clock.advance(100);
  expect(on.journal.filter((line) => line.includes(': '))).toEqual(
    expect.arrayContaining(
      Array.from({ length: 5 }, (_, index) => expect.stringMatching(new RegExp(`(hello|ho) ${index + 1}$`)) as unknown),
    ),
  );
  expect(on.journal.filter((line) => line.includes(': '))).toHaveLength(5);
  await on.stop();
});

test('a deployment lives on while all its components are being replaced, and ends when the last has ended', async () => {
  using on = await stage([{ component: 'worker' }]);
  await on.deployment.ready;
  await on.apply(on.revision(2, { component: 'brief' }));
  await expect(on.deployment.done).resolves.toMatchObject({ status: 'ok' });
  await expect(on.apply(on.revision(3, { component: 'brief' }))).rejects.toMatchObject({ code: 'TW_LIFECYCLE_STATE' });
});

test('a stop in the midst of it ends what was begun', async () => {
  using on = await stage([{ component: 'worker' }]);
  await on.deployment.ready;
  const applied = on.deployment.apply(on.revision(2, { component: 'worker', options: { hangs: true } }));
  const refused = expect(applied).rejects.toMatchObject({ code: 'TW_ROLLED_BACK', data: { restored: false } });
  await on.clock.advance(100);
  expect(states(on.deployment)).toEqual([['worker', 2, 'starting']]);
  await whilePassing(on.clock, on.deployment.stop());
  await refused;
  await expect(on.deployment.done).resolves.toMatchObject({ stuck: [] });
  expect(on.traces.open).toEqual([]);
});

test('a footprint that names locations is for processes that are in one of them', async () => {
  using on = await stage([{ component: 'worker' }], { locations: ['berlin', 'lab'] });
  await on.deployment.ready;
  const next = on.revision(2, { component: 'brief' });
  await expect(on.apply({ ...next, locations: ['paris', 'rome'] })).rejects.toMatchObject({
    code: 'TW_ELSEWHERE',
    message: 'shop is for paris, rome, and this process is in berlin, lab',
  });
  await on.apply({ ...next, locations: ['paris', 'lab'] });
  await on.deployment.done;
});

test('who listens hears of components, revisions and the end', async () => {
  using on = await stage([{ component: 'worker' }]);
  const heard: unknown[] = [];
  const forget = on.deployment.onChange(() =>
    heard.push([on.deployment.footprint.revision, ...on.deployment.status().map(({ state }) => state), on.deployment.grace.aborted]),
  );
  await on.deployment.ready;
  await on.apply(on.revision(2, { component: 'worker' }, { component: 'worker', instance: 'two' }));
  await on.stop();
  expect(heard.at(0)).toEqual([1, 'ready', false]);
  expect(heard).toContainEqual([2, 'ready', 'ready', false]);
  expect(heard).toContainEqual([2, 'stopping', 'stopping', true]);
  expect(heard.at(-1)).toEqual([2, 'ended', 'ended', true]);
  forget();
});

test('a component that is not ready in time has failed', async () => {
  using on = await stage([{ component: 'worker', options: { hangs: true } }], { readyTimeoutMs: 5000 });
  const refused = expect(on.deployment.ready).rejects.toMatchObject({
    code: 'TW_COMPONENT_FAILED',
    cause: { code: 'TW_TIMEOUT', message: 'worker was not ready in 5000 ms' },
  });
  await on.clock.advance(40_000);
  await refused;
  await expect(on.deployment.done).resolves.toMatchObject({ status: 'failed', error: { code: 'TW_TIMEOUT' } });
});

test('R11: fifty deployments of the same names side by side each have their own spans, and exactly those', async () => {
  const runs = Array.from({ length: 50 }, async () => {
    using on = await stage([{ component: 'worker' }, { component: 'source' }]);
    await on.deployment.ready;
    await on.publish('orders', 'one');
    await on.clock.advance(10);
    await on.stop();
    return on.traces.spans.map(({ name }) => name).toSorted((one, other) => one.localeCompare(other));
  });
  for (const names of await Promise.all(runs))
    expect(names).toEqual([
      'footprint.apply',
      'process orders',
      'say',
      'send orders',
      'source.bootstrap',
      'worker.bootstrap',
      'worker.cleanup',
    ]);
});
