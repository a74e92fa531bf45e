import { inspect } from 'node:util';
import { exitCode } from 'tracewright';
import { type Component, defineComponent, deploy, type DeployOptions, type Footprint, memoryTransport } from 'tracewright/component';
import { fakeClock, recordTraces, type TraceRecorder } from 'tracewright/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const text = z.object({ text: z.string() });

/** Publishes what it was configured to say, once. */
const speaker = defineComponent({
  name: 'speaker',
  options: z.object({ says: z.string(), volume: z.number().int().max(11).default(5) }),
  aspects: { said: text },
  bootstrap(l, link, { says }) {
    l.fork('speak', (own) => own.run('speak', () => link.publish('said', { text: says })));
  },
});
const listener = defineComponent({
  name: 'listener',
  interests: { said: text },
  bootstrap(l, link) {
    link.subscribe('said', (_message, scope) => scope.run('note down', () => undefined));
    l.defer(({ scope }) => scope.run('close the book', () => undefined));
  },
});
const failing = defineComponent({
  name: 'failing',
  bootstrap() {
    throw new Error('no database');
  },
});

const footprintOf = (...allocations: Footprint['allocations'][number][]): Footprint => ({
  identifier: 'fp-1',
  revision: 4,
  solution: 'theatre',
  name: 'stage',
  allocations,
});

function stage(given: Footprint, components: readonly Component[], more: Partial<DeployOptions> = {}) {
  const traces = recordTraces();
  const clock = fakeClock();
  const transport = memoryTransport({ clock });
  const deployed = deploy(given, { runtime: traces.runtime({ clock }), components, transport, ...more });
  return { traces, clock, deployed, [Symbol.dispose]: () => traces[Symbol.dispose]() };
}

const identityOf = ({ spans }: TraceRecorder, name: string): unknown =>
  Object.fromEntries(
    Object.entries(spans.find((span) => span.name === name)?.attributes ?? {}).filter(([key]) => /^(component|footprint)\./.test(key)),
  );

test('R3, E5: every span of a component says where it belongs: start, messages, forks, cleanups', async () => {
  using on = stage(footprintOf({ component: 'speaker', options: { says: 'hello' } }, { component: 'listener', instance: 'left ear' }), [
    speaker,
    listener,
  ]);
  const deployment = await on.deployed;
  await deployment.ready;
  await on.clock.advance(10);
  await deployment.stop();
  const footprint = { 'footprint.identifier': 'fp-1', 'footprint.revision': 4, 'footprint.solution': 'theatre' };
  const of = (component: string, path: string): unknown => ({ ...footprint, 'component.name': component, 'component.path': path });
  expect(identityOf(on.traces, 'speaker.bootstrap')).toEqual(of('speaker', 'stage/speaker'));
  expect(identityOf(on.traces, 'send said')).toEqual(of('speaker', 'stage/speaker/speak'));
  expect(identityOf(on.traces, 'listener.bootstrap')).toEqual(of('listener', 'stage/left ear'));
  expect(identityOf(on.traces, 'process said')).toEqual(of('listener', 'stage/left ear/said'));
  expect(identityOf(on.traces, 'note down')).toEqual(of('listener', 'stage/left ear/said'));
  expect(identityOf(on.traces, 'left ear.cleanup')).toEqual(of('listener', 'stage/left ear'));
  expect(identityOf(on.traces, 'close the book')).toEqual(of('listener', 'stage/left ear'));
  expect(on.traces.open).toEqual([]);
});

// The inventory asks for a limit of three; here the two attributes that say who executes come first.
test('R8: where only four attributes fit on a span, component and footprint are among them', async () => {
  using traces = recordTraces({ spanLimits: { attributeCountLimit: 4 } });
  const clock = fakeClock();
  const given = footprintOf({ component: 'speaker', options: { says: 'hello' } }, { component: 'listener' });
  const deployment = await deploy(given, {
    runtime: traces.runtime({ clock }),
    components: [speaker, listener],
    transport: memoryTransport({ clock }),
  });
  await deployment.ready;
  await clock.advance(10);
  await deployment.stop();
  for (const name of ['listener.bootstrap', 'send said', 'process said', 'note down']) {
    expect(Object.keys(traces.find(name).attributes)).toEqual(['execution.context', 'caller.id', 'component.name', 'footprint.identifier']);
  }
  traces.expectProblems();
});

test('E1, G3: what a deployment runs are roots, also where it was started inside an operation', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const given = footprintOf({ component: 'speaker', options: { says: 'hello' } }, { component: 'listener' });
  const deployment = await runtime.run('command', () =>
    deploy(given, { runtime, components: [speaker, listener], transport: memoryTransport({ clock }) }),
  );
  await deployment.ready;
  await clock.advance(10);
  await deployment.stop();
  const roots = traces.spans.filter(({ parentSpanId }) => parentSpanId === undefined).map(({ name }) => name);
  expect(roots).toEqual([
    'command',
    'footprint.apply',
    'speaker.bootstrap',
    'speak',
    'listener.bootstrap',
    'process said',
    'listener.cleanup',
  ]);
});

test('R7: nothing that the caller gave is changed, and what he changes later changes nothing', async () => {
  const allocation = { component: 'speaker', options: { says: 'hello' }, bindings: { said: 'loudly' } };
  const given = Object.freeze({
    ...footprintOf(),
    allocations: Object.freeze([Object.freeze({ ...allocation, options: Object.freeze(allocation.options) })]),
  });
  using frozen = stage(given, [speaker]);
  await (await frozen.deployed).done;
  expect(identityOf(frozen.traces, 'send loudly')).toMatchObject({ 'footprint.revision': 4 });

  const loose = { ...footprintOf({ component: 'listener' }), revision: 1 };
  using on = stage(loose, [listener]);
  const deployment = await on.deployed;
  loose.revision = 99;
  await deployment.ready;
  await deployment.stop();
  expect(identityOf(on.traces, 'listener.cleanup')).toMatchObject({ 'footprint.revision': 1 });
});

test('R7: one component in two deployments at once keeps them apart', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const transport = memoryTransport({ clock });
  const start = (identifier: string) =>
    deploy(
      { identifier, revision: 1, allocations: [{ component: 'speaker', options: { says: identifier } }] },
      { runtime, components: [speaker], transport },
    );
  const both = await Promise.all([start('a'), start('b')]);
  await Promise.all(both.map(({ done }) => done));
  const senders = traces.spans
    .filter(({ name }) => name === 'send said')
    .map(({ attributes }) => String(attributes['footprint.identifier']));
  expect(senders.toSorted((one, other) => one.localeCompare(other))).toEqual(['a', 'b']);
});

test('several instances of one component run beside each other', async () => {
  using on = stage(footprintOf({ component: 'listener', instance: 'left' }, { component: 'listener', instance: 'right' }), [listener]);
  const deployment = await on.deployed;
  await expect(deployment.ready).resolves.toEqual([
    { component: 'listener', instance: 'left', revision: 4, state: 'ready' },
    { component: 'listener', instance: 'right', revision: 4, state: 'ready' },
  ]);
  await deployment.stop();
  expect(deployment.status().map(({ state }) => state)).toEqual(['ended', 'ended']);
});

describe('a component that cannot start', () => {
  const given = footprintOf({ component: 'failing' }, { component: 'listener' });

  test('G6: has an error on its bootstrap span, and ends a deployment that fails fast', async () => {
    using on = stage(given, [failing, listener]);
    const deployment = await on.deployed;
    await expect(deployment.ready).rejects.toMatchObject({
      code: 'TW_COMPONENT_FAILED',
      message: 'failing could not start',
      cause: { message: 'no database' },
    });
    await on.clock.advance(2000);
    const outcome = await deployment.done;
    expect(outcome).toMatchObject({ status: 'failed', error: { message: 'no database' } });
    expect(exitCode(outcome)).toBe(1);
    expect(on.traces.find('failing.bootstrap')).toMatchObject({ attributes: { 'error.type': 'Error' }, events: [{ name: 'exception' }] });
    expect(on.traces.open).toEqual([]);
  });

  test('ends the deployment at once, whatever the others are doing', async () => {
    let reason: unknown;
    const hanging = defineComponent({
      name: 'hanging',
      bootstrap: ({ signal }) =>
        new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject((reason = signal.reason)), { once: true })),
    });
    using on = stage(footprintOf({ component: 'hanging' }, { component: 'failing' }), [hanging, failing]);
    const deployment = await on.deployed;
    await expect(deployment.ready).rejects.toMatchObject({ message: 'failing could not start', data: { failed: ['failing'] } });
    await expect(deployment.done).resolves.toMatchObject({ status: 'failed' });
    expect(reason).toMatchObject({ code: 'TW_LIFECYCLE_FAILED' });
  });

  test('may fail later too: the deployment says so by its outcome', async () => {
    const brief = defineComponent({
      name: 'brief',
      bootstrap(l) {
        l.fork('work', () => Promise.reject(new Error('later')), { onFailure: 'fail' });
      },
    });
    using on = stage(footprintOf({ component: 'brief' }, { component: 'listener' }), [brief, listener]);
    const outcome = await (await on.deployed).done;
    expect([outcome.status, exitCode(outcome)]).toEqual(['failed', 1]);
  });

  test('leaves the others alone where the policy is best effort', async () => {
    using on = stage(given, [failing, listener], { policy: 'best-effort' });
    const deployment = await on.deployed;
    await expect(deployment.ready).resolves.toMatchObject([{ state: 'failed', error: { message: 'no database' } }, { state: 'ready' }]);
    await deployment.stop();
  });

  test('is one that asks for what it has not declared', async () => {
    const wrong = defineComponent({
      name: 'wrong',
      interests: { said: text },
      bootstrap: (_l, link) => void link.subscribe('heard' as 'said', () => undefined),
    });
    using on = stage(footprintOf({ component: 'wrong' }), [wrong]);
    await expect((await on.deployed).ready).rejects.toMatchObject({
      cause: {
        code: 'TW_UNDECLARED_INTEREST',
        message: 'wrong has no interest heard: it declares said',
        data: { component: 'wrong', interest: 'heard', declared: ['said'] },
      },
    });
    await on.clock.advance(2000);
  });
});

describe('a deployment that is ended before it is up', () => {
  /** Starts when it is told to. */
  function slow() {
    let go: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (go = resolve));
    const component = defineComponent({
      name: 'slow',
      interests: { said: text },
      async bootstrap(_l, link) {
        await begun;
        link.subscribe('said', () => undefined);
      },
    });
    return { component, go };
  }

  test('by a stop: its components have ended, and none has failed', async () => {
    const { component, go } = slow();
    using on = stage(footprintOf({ component: 'slow' }), [component]);
    const deployment = await on.deployed;
    const stopped = deployment.stop();
    go();
    await expect(stopped).resolves.toBe(true);
    await expect(deployment.ready).rejects.toMatchObject({
      code: 'TW_COMPONENT_FAILED',
      cause: { message: 'slow was ended before it was ready' },
    });
    await expect(deployment.done).resolves.toMatchObject({ status: 'stopped' });
    expect(deployment.status()).toEqual([{ component: 'slow', instance: 'slow', revision: 4, state: 'ended' }]);
  });

  test('by force: it was never ready', async () => {
    const { component, go } = slow();
    using on = stage(footprintOf({ component: 'slow' }), [component]);
    const deployment = await on.deployed;
    deployment.lifecycle.terminate();
    go();
    await expect(deployment.ready).rejects.toMatchObject({ code: 'TW_COMPONENT_FAILED' });
    await expect(deployment.done).resolves.toMatchObject({ status: 'terminated' });
  });
});

test('G3: what is published where the host has a span active is its child; in other work of the runtime, it is still the component’s', async () => {
  let say: (words: string) => Promise<void> = () => Promise.resolve();
  const open = defineComponent({
    name: 'open',
    aspects: { said: text },
    bootstrap(l, link) {
      say = (words) => link.publish('said', { text: words });
      l.fork('stay', ({ grace }) => new Promise((resolve) => grace.addEventListener('abort', resolve, { once: true })));
    },
  });
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const deployment = await deploy(footprintOf({ component: 'open' }), {
    runtime,
    components: [open],
    transport: memoryTransport({ clock }),
  });
  await deployment.ready;
  await traces.tracer('http').startActiveSpan('GET /', async (span) => {
    await say('by the host');
    span.end();
  });
  await runtime.run('request', () => say('by a request'));
  await deployment.stop();
  const sent = traces.spans.filter(({ name }) => name === 'send said');
  const parents = sent.map(({ parentSpanId }) => traces.spans.find(({ spanId }) => spanId === parentSpanId)?.name);
  expect(parents).toEqual(['GET /', 'request']);
  expect(sent.map(({ attributes }) => attributes['component.name'])).toEqual(['open', 'open']);
});

test('every problem of a footprint is told before anything starts', async () => {
  const given = footprintOf(
    { component: 'speaker', options: { says: 1, volume: 12 } },
    { component: 'speeker' },
    { component: 'listener', options: { says: 'x' }, bindings: { sed: 'x' } },
    { component: 'listener' },
    { component: 'listener', instance: 'a/b' },
  );
  using on = stage(given, [speaker, listener]);
  await expect(on.deployed).rejects.toMatchObject({ code: 'TW_COMPONENT_OPTIONS' });
  const { message } = (await on.deployed.catch((error: unknown) => error)) as Error;
  expect(message).toMatchInlineSnapshot(`
    "the footprint cannot be deployed:
    allocations[0].options.says: Invalid input: expected string, received number
    allocations[0].options.volume: Too big: expected number to be <=11
    allocations[1].component: no component speeker: there are speaker, listener
    allocations[2].bindings.sed: listener declares no such aspect or interest: there are said
    allocations[2].options: listener takes no options
    allocations[3].instance: listener is there already
    allocations[4].instance: a/b has a '/', which joins the names of a path"
  `);
  expect(on.traces.spans.map(({ name, attributes }) => [name, attributes['error.type']])).toEqual([
    ['footprint.apply', 'TW_COMPONENT_OPTIONS'],
  ]);
});

test('E4, G7: neither options nor bindings are on any span', async () => {
  const given = footprintOf(
    { component: 'speaker', options: { says: 'canary-option' }, bindings: { said: 'd' } },
    { component: 'failing', options: null },
  );
  using on = stage(given, [speaker, failing], { policy: 'best-effort' });
  const deployment = await on.deployed;
  await deployment.ready;
  await deployment.stop();
  expect(on.traces.find('speaker.bootstrap')).toBeDefined();
  expect(inspect(on.traces.spans, { depth: 9 })).not.toContain('canary-option');
});

test.each<[string, () => Footprint]>([
  ['options that do not fit', () => footprintOf({ component: 'picky', options: { password: 'canary-option' } })],
  ['an allocation that is no plain object', () => footprintOf(new Map([['options', 'canary-option']]) as never)],
  [
    'a footprint that is no plain data',
    () => ({ ...footprintOf({ component: 'picky' }), metadata: { secret: 'canary-option', run: () => 1 } }),
  ],
])('E4, G7: who deploys tells nothing of %s', async (_, given) => {
  const password = z.string().refine(() => false, { error: ({ input }) => `${String(input)} is too weak` });
  const picky = defineComponent({ name: 'picky', options: z.object({ password }), bootstrap: () => undefined });
  using traces = recordTraces();
  const runtime = traces.runtime();
  const deploying = runtime.run('deploy', () => deploy(given(), { runtime, components: [picky], transport: memoryTransport() }));
  await expect(deploying).rejects.toThrow();
  expect(traces.find('deploy').status.code).toBe('ERROR');
  expect(inspect(traces.spans, { depth: 9 })).not.toContain('canary-option');
});

test('R4: what says where work belongs is the same set of keys on every span of a deployment', async () => {
  using on = stage(footprintOf({ component: 'speaker', options: { says: 'hello' } }, { component: 'listener' }), [speaker, listener]);
  const deployment = await on.deployed;
  await deployment.ready;
  await on.clock.advance(10);
  await deployment.stop();
  const keys = ['component.name', 'component.path', 'footprint.identifier', 'footprint.revision', 'footprint.solution'];
  for (const { name, attributes } of on.traces.spans) {
    if (name === 'footprint.apply') continue;
    const present = Object.keys(attributes).filter((key) => /^(component|footprint)\./.test(key));
    expect([name, ...present.toSorted((one, other) => one.localeCompare(other))]).toEqual([name, ...keys]);
    expect(attributes).toMatchObject({ 'footprint.identifier': 'fp-1', 'footprint.revision': 4 });
  }
  expect(on.traces.spans.length).toBeGreaterThan(5);
  expect(on.traces.find('footprint.apply').attributes).toMatchObject({
    'footprint.identifier': 'fp-1',
    'footprint.revision': 4,
    'footprint.solution': 'theatre',
    'footprint.name': 'stage',
    'tracewright.apply.started': ['speaker', 'listener'],
  });
});
