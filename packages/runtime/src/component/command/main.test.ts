import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineComponent, memoryTransport } from 'tracewright/component';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { main, type MainOptions } from './main.ts';

const order = z.object({ id: z.string() });

/** What components have seen, in one test. */
interface Seen {
  readonly options: unknown[];
  readonly closed: string[];
}

/** A till that ends with its first order, or waits for signals; and an intake that sends one order. */
function shop({ isPatient = false, failing = '' } = {}): Seen & { readonly components: MainOptions['components'] } {
  const seen: Seen = { options: [], closed: [] };
  const intake = defineComponent({
    name: 'intake',
    aspects: { orders: order },
    bootstrap: async (_lifecycle, link) => link.publish('orders', { id: '1' }),
  });
  const till = defineComponent({
    name: 'till',
    doc: 'Charges orders.\nMore of it.',
    interests: { orders: order },
    options: z.object({
      greeting: z.string().default('thank you').describe('ends a receipt'),
      size: z.number().int().optional(),
      loud: z.boolean().default(false),
      kind: z.enum(['paper', 'mail']).default('paper'),
      words: z.array(z.string()).optional(),
      nested: z.object({ depth: z.number(), name: z.string().optional() }).optional(),
      note: z.string().nullable().optional(),
      key: z.string().optional().meta({ writeOnly: true }),
    }),
    bootstrap(lifecycle, link, options) {
      if (failing !== '') throw new Error(failing);
      seen.options.push(options);
      lifecycle.defer(() => void seen.closed.push('till'));
      const subscription = link.subscribe('orders', () => {
        // It may be handled before all are ready, and what ends before that was never up.
        if (!isPatient) setImmediate(() => void lifecycle.stop());
      });
      expect(subscription.destination).toBe('orders');
    },
  });
  return { ...seen, components: [intake, till] };
}

const footprint = {
  identifier: 'a2b8f2f0',
  revision: 3,
  name: 'shop',
  allocations: [{ component: 'intake' }, { component: 'till', instance: 'north', options: { greeting: 'bye' } }],
};

class FakeProcess extends EventEmitter {
  readonly pid = 17;
  kill(): void {
    throw new Error('nobody is killed here');
  }
}

interface Ran {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in this process; gives what it has printed, times taken out. */
async function run(args: readonly string[], options: Partial<MainOptions> = {}): Promise<Ran> {
  const text = { stdout: '', stderr: '' };
  const before = process.exitCode;
  try {
    await main({
      components: shop().components,
      footprint,
      argv: ['node', '/usr/bin/shop.js', ...args],
      env: {},
      stdin: lines(),
      stdout: { write: (chunk) => (text.stdout += chunk) },
      stderr: { write: (chunk) => (text.stderr += chunk) },
      process: new FakeProcess(),
      ...options,
    });
    const code = process.exitCode;
    return { code, stdout: text.stdout.trimEnd(), stderr: plain(text.stderr) };
  } finally {
    process.exitCode = before;
  }
}

function plain(text: string): string {
  return text
    .trimEnd()
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'NONCE');
}

async function* lines(...texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracewright-main-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a program runs its built-in footprint to its end, says what became of each component, and exits with 0', async () => {
  const { components, options, closed } = shop();
  const { code, stdout, stderr } = await run(['--external', 'none'], { components });
  expect([code, stdout, options, closed]).toEqual([0, '', [{ greeting: 'bye', loud: false, kind: 'paper' }], ['till']]);
  expect(stderr.split('\n').toSorted()).toMatchInlineSnapshot(`
    [
      "TIME info  all components are up",
      "TIME info  intake has ended",
      "TIME info  intake is ready",
      "TIME info  north (till) has ended",
      "TIME info  north (till) is ready",
      "TIME info  shop is starting  identifier=a2b8f2f0  revision=3  instances=intake,north  process=NONCE  transport=memory:",
      "TIME info  the end: ok  exit=0",
    ]
  `);
});

test('help shows the flags of any run, and those of each component by its schema', async () => {
  const { code, stdout } = await run(['--help']);
  expect(code).toBe(0);
  await expect(run(['-h'])).resolves.toEqual({ code, stdout, stderr: '' });
  expect(stdout.slice(0, 300)).toMatchInlineSnapshot(`
    "Usage: shop [options] [footprint]

    Starts the components of a footprint, and runs until they have ended or a signal asks for the end.

    Arguments:
      footprint                  a file in YAML or JSON in place of the built-in one; - reads standard
                                 input

    Options:
      --enable"
  `);
  expect(stdout.slice(stdout.indexOf('till: '), stdout.indexOf('Each flag'))).toMatchInlineSnapshot(`
    "till: Charges orders.
      --till.greeting <string>   ends a receipt (default: "thank you")
      --till.size <integer>
      --till.loud                (default: false)
      --till.kind <paper|mail>   (default: "paper")
      --till.words <list>
      --till.nested <object>
      --till.note <string|null>
      --till.key <string>

    "
  `);
});

test.each([
  [['--till.greeting', 'cheers'], {}, { greeting: 'cheers' }],
  [['--till.greeting=12'], {}, { greeting: '12' }],
  [['--till.size', '5', '--till.loud'], {}, { size: 5, loud: true }],
  [['--till.loud', '--no-till.loud'], {}, { loud: false }],
  [['--till.loud=true', '--till.kind=mail'], {}, { loud: true, kind: 'mail' }],
  [['--till.words', '[a, b c]', '--till.nested', '{ depth: 1 }'], {}, { words: ['a', 'b c'], nested: { depth: 1 } }],
  [['--till.note', 'null'], {}, { note: null }],
  [['--till.note', 'true'], {}, { note: 'true' }],
  [['--set', 'till.greeting=hello: world'], {}, { greeting: 'hello: world' }],
  [['--set', "till.greeting='5'"], {}, { greeting: '5' }],
  [['--set', 'till.greeting='], {}, { greeting: '' }],
  [['--set', 'till.nested.depth=2', '--set', 'till.nested.name=x'], {}, { nested: { depth: 2, name: 'x' } }],
  [['--set', 'north.greeting=instance', '--set', 'till.greeting=component'], {}, { greeting: 'instance' }],
  [['--set', 'till.greeting=set', '--till.greeting', 'flag'], {}, { greeting: 'set' }],
  [[], { TRACEWRIGHT_TILL_GREETING: 'variable', TRACEWRIGHT_TILL_LOUD: 'true' }, { greeting: 'variable', loud: true }],
  [[], { TRACEWRIGHT_TILL_LOUD: '1' }, { loud: true }],
  [['--till.loud'], { TRACEWRIGHT_TILL_LOUD: '0' }, { loud: true }],
  [[], { TRACEWRIGHT_SET: '\ntill.greeting=a\n\nnorth.size=4\n' }, { greeting: 'a', size: 4 }],
  [['--till.greeting', 'flag'], { TRACEWRIGHT_SET: 'north.greeting=variable' }, { greeting: 'flag' }],
])('%j and %j give the component %j', async (args, env, expected) => {
  const { components, options } = shop();
  const { code, stderr } = await run(args, { components, env });
  expect(stderr).not.toContain('error');
  expect([code, options]).toEqual([0, [expect.objectContaining(expected)]]);
});

test('a file takes the place of the built-in footprint, and - is standard input', async () => {
  const text = 'identifier: other\nrevision: 1\nallocations: [{ component: intake }]';
  await writeFile(join(folder, 'other.yaml'), text);
  for (const args of [[join(folder, 'other.yaml')], ['-', '--format', 'yaml']]) {
    const { code, stdout } = await run([...args, '--dry-run'], { stdin: lines(text.slice(0, 9), text.slice(9)) });
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'other, revision 1: 1 instance, 1 destination']);
  }
});

test('a dry run starts nothing, and prints the topology on standard output', async () => {
  const { components, options } = shop();
  const text = await run(['--dry-run'], { components });
  expect([text.code, options, text.stderr]).toEqual([0, [], '']);
  expect(text.stdout).toMatchInlineSnapshot(`
    "shop (a2b8f2f0), revision 3: 2 instances, 1 destination

    Instances
      intake        publishes  orders
      north (till)  subscribes orders

    Destinations
      orders  intake → north"
  `);
  const mermaid = await run(['--dry-run', '--print=mermaid', '--disable', 'till'], { components });
  expect(mermaid.stdout).toMatch(/^flowchart LR\n/);
  expect(mermaid.stderr).toContain('warning: orders: nobody subscribes');
});

test('with strict checks, what does not fit together is refused; without, it is said', async () => {
  const strict = await run(['--disable', 'intake', '--strict', '--dry-run']);
  expect([strict.code, strict.stderr.split('\n')[1]]).toEqual([1, 'error TW_TOPOLOGY: the components do not fit together:']);
  const known = await run(['--disable', 'intake', '--strict', '--dry-run', '--external', 'orders']);
  expect(known.code).toBe(0);
  const lax = await run(['--disable', 'till']);
  expect([lax.code, lax.stderr]).toEqual([0, expect.stringContaining('TIME warn  orders: nobody subscribes')]);
});

test('with enable and disable, the rest is left out, and said', async () => {
  const { components, options } = shop();
  const { code, stderr } = await run(['--enable', 'intake,north', '--disable=till'], { components });
  expect([code, options]).toEqual([0, []]);
  expect(stderr).toContain('TIME info  left out: north');
});

test('flags of a component that is not in the footprint are said to change nothing', async () => {
  const only = { ...footprint, allocations: [{ component: 'intake' }] };
  const { code, stderr } = await run(['--till.greeting', 'x'], { footprint: only, env: { TRACEWRIGHT_TILL_SIZE: '1' } });
  expect(code).toBe(0);
  expect(stderr).toContain('TIME warn  --till.greeting changes nothing: its component is not in the footprint');
  expect(stderr).not.toContain('TRACEWRIGHT_TILL_SIZE');
});

test('a footprint for other locations does not start; with its own, it does', async () => {
  const located = { ...footprint, locations: ['rome', 'oslo'] };
  await expect(run([], { footprint: located })).resolves.toMatchObject({ code: 1, stderr: expect.stringContaining('--location') });
  await expect(run(['--location', 'bonn'], { footprint: located })).resolves.toMatchObject({ code: 1 });
  await expect(run(['--location', 'bonn', '--location=oslo'], { footprint: located })).resolves.toMatchObject({ code: 0 });
});

test('a component that cannot start fails the program, with what is wrong', async () => {
  const { components } = shop({ failing: 'no paper' });
  const failed = await run([], { components });
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('TIME error north (till) has failed: no paper');
  expect(failed.stderr).toContain('TIME info  the end: failed  exit=1');
  const others = await run(['--policy', 'best-effort'], { components });
  expect(others.code).toBe(0);
  expect(others.stderr).toContain('TIME warn  1 of 2 components are up');
  expect(others.stderr).not.toContain('all components are up');
  const alone = await run(['--policy', 'best-effort', '--enable', 'till'], { components });
  expect(alone.code).toBe(1);
});

test('the log is one JSON object a line where that is wanted, refusals too', async () => {
  const { components } = shop({ failing: 'no paper' });
  const { stderr } = await run(['--log-format', 'json', '--enable=till', '--external=orders'], { components });
  const entries = stderr.split('\n').map((line): unknown => JSON.parse(line));
  expect(entries).toEqual([
    { time: 'TIME', level: 'info', message: 'left out: intake' },
    {
      time: 'TIME',
      level: 'info',
      message: 'shop is starting',
      identifier: 'a2b8f2f0',
      revision: 3,
      instances: ['north'],
      process: 'NONCE',
      transport: 'memory:',
    },
    { time: 'TIME', level: 'error', message: 'north (till) has failed: no paper' },
    { time: 'TIME', level: 'info', message: 'the end: failed', exit: 1 },
  ]);
  const refused = await run(['--health', 'x', '--log-format', 'json']);
  expect(JSON.parse(refused.stderr)).toMatchObject({ level: 'error', code: 'TW_BAD_OPTION', message: expect.stringContaining('--health') });
});

test('the log says no more than its level, and colours only a terminal that wants it', async () => {
  await expect(run(['--log-level', 'silent'])).resolves.toEqual({ code: 0, stdout: '', stderr: '' });
  let text = '';
  const stderr = { write: (chunk: string) => (text += chunk), isTTY: true };
  await run([], { stderr });
  expect(text).toContain('\u001B[36minfo \u001B[0m');
  text = '';
  await run([], { stderr, env: { NO_COLOR: '1' } });
  expect(text).not.toContain('\u001B');
});

test('SIGTERM lets what has begun come to its end, and the exit code is 0', async () => {
  const { components, closed } = shop({ isPatient: true });
  const source = new FakeProcess();
  let text = '';
  const write = (chunk: string): void => {
    text += chunk;
    if (chunk.includes('all components are up')) source.emit('SIGTERM', 'SIGTERM');
  };
  const { code } = await run(['--drain-timeout', '7.5'], { components, process: source, stderr: { write } });
  expect([code, closed]).toEqual([0, ['till']]);
  expect(plain(text)).toContain('TIME info  SIGTERM: stopping, within 7.5 s');
  expect(plain(text)).toContain('TIME info  the end: stopped  exit=0');
});

test('SIGUSR2 shows the tree of lifecycles, as text or in an object', async () => {
  for (const [args, tree] of [
    [[], /^shop .*running/m],
    [['--log-format', 'json'], /"tree":"shop .*north/],
  ] as const) {
    const source = new FakeProcess();
    let text = '';
    const write = (chunk: string): void => {
      text += chunk;
      if (!chunk.includes('all components are up')) return;
      source.emit('SIGUSR2', 'SIGUSR2');
      source.emit('SIGTERM', 'SIGTERM');
    };
    await run([...args], { components: shop({ isPatient: true }).components, process: source, stderr: { write } });
    expect(text).toMatch(tree);
  }
});

test('probes are answered until the end, and the log says where', async () => {
  const source = new FakeProcess();
  const asked: Promise<number>[] = [];
  const write = (chunk: string): void => {
    const origin = /health=(\S+)/.exec(chunk)?.[1];
    if (origin !== undefined) asked.push(fetch(`${origin}/livez`).then(({ status }) => status));
    if (chunk.includes('all components are up')) void asked[0]?.then(() => source.emit('SIGTERM', 'SIGTERM'));
  };
  const options = { components: shop({ isPatient: true }).components, process: source, stderr: { write } };
  const { code } = await run(['--health', ':0', '--grpc-health', '0'], options);
  expect([code, await Promise.all(asked)]).toEqual([0, [200]]);
});

test('a program may have transports of its own, by the scheme of their addresses', async () => {
  const urls: string[] = [];
  const transports = { own: (url: URL) => (urls.push(url.href), memoryTransport()) };
  const { code, stderr } = await run(['--transport', 'own://here/there'], { transports });
  expect([code, urls]).toEqual([0, ['own://here/there']]);
  expect(stderr).toContain('transport=own://here/there');
  await expect(run(['--transport', 'own://here/there', '--dry-run'], { transports })).resolves.toMatchObject({ code: 0 });
  expect(urls).toHaveLength(1);
});

test('a variable that two flags would read is read by none of them, and one of a run stays with it', async () => {
  const drain = defineComponent({ name: 'drain', options: z.object({ timeout: z.string().default('own') }), bootstrap: () => undefined });
  const twice = defineComponent({
    name: 'twice',
    options: z.object({ 'a-b': z.string().default('own'), a_b: z.string().default('own') }),
    bootstrap: (_lifecycle, _link, options) => expect(options).toEqual({ 'a-b': 'own', a_b: 'own' }),
  });
  const env = { TRACEWRIGHT_DRAIN_TIMEOUT: '3', TRACEWRIGHT_TWICE_A_B: 'theirs' };
  const allocations = [{ component: 'drain' }, { component: 'twice' }];
  const { code } = await run([], { components: [drain, twice], footprint: { ...footprint, allocations }, env });
  expect(code).toBe(0);
});
