import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineComponent, memoryTransport } from 'tracewright/component';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { main, type MainOptions } from './main.ts';

const order = z.object({ id: z.string() });

/** A till and an intake, neither of which shall be started. */
function shop(): { readonly started: string[]; readonly components: MainOptions['components'] } {
  const started: string[] = [];
  const intake = defineComponent({ name: 'intake', aspects: { orders: order }, bootstrap: () => void started.push('intake') });
  const till = defineComponent({
    name: 'till',
    interests: { orders: order },
    options: z.object({
      greeting: z.string().default('thank you'),
      size: z.number().int().optional(),
      loud: z.boolean().default(false),
      kind: z.enum(['paper', 'mail']).default('paper'),
      words: z.array(z.string()).optional(),
      key: z.string().optional(),
    }),
    bootstrap: () => void started.push('till'),
  });
  return { started, components: [intake, till] };
}

const footprint = {
  identifier: 'a2b8f2f0',
  revision: 3,
  name: 'shop',
  allocations: [{ component: 'intake' }, { component: 'till', instance: 'north', options: { greeting: 'bye' } }],
};

/** Runs a program in this process; gives its exit code and what it has printed. */
async function run(
  args: readonly string[],
  options: Partial<MainOptions> = {},
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const text = { stdout: '', stderr: '' };
  const before = process.exitCode;
  try {
    await main({
      components: shop().components,
      footprint,
      argv: ['node', '/usr/bin/shop.js', ...args],
      env: {},
      stdout: { write: (chunk) => (text.stdout += chunk) },
      stderr: { write: (chunk) => (text.stderr += chunk) },
      process: new EventEmitter(),
      ...options,
    });
    return { code: process.exitCode, stdout: text.stdout.trimEnd(), stderr: text.stderr.trimEnd() };
  } finally {
    process.exitCode = before;
  }
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracewright-main-'));
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  [['--enabel', 'till'], {}, '--enable'],
  [['--enable', 'tilll'], {}, '--enable: no instance or component tilll: there are intake, north, till; did you mean till?'],
  [['--disable', 'intake,till'], {}, '--disable leaves nothing to start: there are intake, north, till'],
  [['--policy', 'brave'], {}, "--policy must be fail-fast or best-effort, received 'brave'"],
  [['--health', 'x:y'], {}, "--health must be a port, or host:port, received 'x:y'"],
  [['--health', '8080', '--grpc-health', 'localhost:8080'], {}, '--grpc-health must be another address than --health'],
  [['--drain-timeout', '0'], {}, "--drain-timeout must be a number of seconds above 0, received '0'"],
  [['--strict=perhaps'], {}, '--strict must be true or false'],
  [['--log-level', 'loud'], {}, '--log-level must be debug or info or warn or error or silent'],
  [['--transport', 'amqp://x'], {}, '--transport says amqp, which is none here'],
  [['--transport', 'nats://'], {}, '--transport must be nats://host:port'],
  [['--set', 'till'], {}, "--set must be name.option=value: there is no '=' in it"],
  [['--set', 'tilll.x=1'], {}, 'did you mean till?'],
  [['--set', 'till=1'], {}, '--set till: name an option'],
  [['a.yaml', 'b.yaml'], {}, 'too many arguments'],
  [[], { TRACEWRIGHT_STRICT: 'perhaps' }, "TRACEWRIGHT_STRICT must be true or false, received 'perhaps'"],
  [[], { TRACEWRIGHT_SET: 'till.size=5\n\ntill.size' }, "TRACEWRIGHT_SET, line 3, must be name.option=value: there is no '='"],
  [[], { TRACEWRIGHT_SET: 'till.size=5\ntilll.size=5' }, 'TRACEWRIGHT_SET, line 2, must begin with an instance or a component'],
  [[], { TRACEWRIGHT_SET: 'tilll.size=5' }, 'TRACEWRIGHT_SET tilll.size: no instance or component tilll'],
  [
    [],
    { TRACEWRIGHT_TRANSPORT: 'nats://127.0.0.1:1', TRACEWRIGHT_TRANSPORT_NKEY_SEED: 'x' },
    'TRACEWRIGHT_TRANSPORT_NKEY_SEED must be the seed of an nkey',
  ],
  [['--transport', 'kafka://[::1]:9092'], {}, '--transport kafka://[::1]:9092 must be `host:port`'],
  [['--dry-run'], { TRACEWRIGHT_TRANSPORT: 'kafka://127.0.0.1:1', TRACEWRIGHT_TRANSPORT_TOKEN: 'x' }, 'Kafka takes'],
  [[], { TRACEWRIGHT_DRAIN_TIMEOUT: 'long' }, "TRACEWRIGHT_DRAIN_TIMEOUT must be a number of seconds above 0, received 'long'"],
])('%j with %j is wrong usage, and says so: %s', async (args, env, message) => {
  const { components, started } = shop();
  const { code, stdout, stderr } = await run(args, { components, env });
  expect([code, stdout, started]).toEqual([2, '', []]);
  expect(stderr).toMatch(/^error: /);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/ {4}at /);
});

const secret = 'hunter2-is-secret';

test.each([
  [[`--till.kee=${secret}`], {}],
  [[`--till.key:${secret}`], {}],
  [[`--till.key:${secret}=1`], {}],
  [[`-p${secret}`], {}],
  [[], { TRACEWRIGHT_SET: `till.key=first\n${secret}` }],
  [[], { TRACEWRIGHT_SET: `till.key=first\n${secret}=` }],
  [[], { TRACEWRIGHT_SET: `till.key=first\ntill.key.${secret}.x=1\ntill.key=[` }],
  [['--till.size', secret], {}],
  [[`--till.loud=${secret}`], {}],
  [['--till.kind', secret], {}],
  [['--till.words', secret], {}],
  [['--till.words', `[${secret}`], {}],
  [['--set', `till.key={ a: ${secret}`], {}],
  [['--set', secret], {}],
  [['--set', `till.key.deeper=${secret}`, '--set', `till.size=${secret}`], {}],
  [['--set', `till.greeting.x=${secret}`], {}],
  [['--transport', `nats://shop:${secret}@broker`], {}],
  [['--transport', `nats://broker?token=${secret}`], {}],
  [[], { TRACEWRIGHT_TILL_SIZE: secret }],
  [[], { TRACEWRIGHT_TRANSPORT_USER: 'shop', TRACEWRIGHT_TRANSPORT_TOKEN: secret, TRACEWRIGHT_TRANSPORT: 'nats://127.0.0.1:1' }],
  [[], { TRACEWRIGHT_TRANSPORT_PASSWORD: secret, TRACEWRIGHT_TRANSPORT: 'kafka://127.0.0.1:1' }],
])('a value that may be a secret is not shown (%#)', async (args, env) => {
  const { code, stdout, stderr } = await run([...args, '--log-level', 'debug'], { env });
  expect(code).not.toBe(0);
  expect(`${stdout}${stderr}`).toContain('error');
  expect(`${stdout}${stderr}`).not.toContain(secret);
});

test.each([
  ['nothing.yaml', { text: undefined, code: 2 }, 'there is no such file'],
  ['.', { text: undefined, code: 2 }, 'that is a folder'],
  ['tab.yaml', { text: 'identifier: a\nallocations:\n\t- component: till\n', code: 1 }, 'tab.yaml:3:1: no YAML: tabs'],
  ['empty.yaml', { text: '', code: 1 }, 'the text is empty'],
  ['bare.yaml', { text: 'identifier: a\nrevision: 1\n', code: 1 }, 'allocations is missing'],
  [
    'unknown.yaml',
    { text: 'identifier: a\nrevision: 1\nallocations: [{ component: tlil }]', code: 1 },
    'no component tlil: there are intake, till',
  ],
  [
    'wrong.yaml',
    { text: 'identifier: a\nrevision: 1\nallocations: [{ component: till, options: { size: no } }]', code: 1 },
    'options.size',
  ],
  ['far.yaml', { text: 'identifier: a\nrevision: 1\nlocations: [rome]\nallocations: [{ component: till }]', code: 1 }, 'a is for rome'],
] as const)('%s is refused, in words and without a stack', async (name, { text, code }, message) => {
  if (text !== undefined) await writeFile(join(folder, name), text);
  const ran = await run([join(folder, name)]);
  expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(/^error/) });
  expect(ran.stderr).toContain(message);
  expect(ran.stderr).not.toMatch(/ {4}at /);
  const shown = await run([join(folder, name), '--log-level', 'debug']);
  expect(shown.stderr).toMatch(/ {4}at /);
});

test('a file that holds no credentials is named by its variable, and not shown', async () => {
  const file = join(folder, 'shop.creds');
  await writeFile(file, secret);
  const env = { TRACEWRIGHT_TRANSPORT: 'nats://127.0.0.1:1', TRACEWRIGHT_TRANSPORT_CREDS_FILE: file };
  const { code, stderr } = await run(['--dry-run', '--log-level', 'debug'], { env });
  expect(code).toBe(2);
  expect(stderr).toContain('error: what TRACEWRIGHT_TRANSPORT_CREDS_FILE names must be the contents of a credentials file\n');
  expect(stderr).not.toContain(secret);
});

test('a misspelt file is found beside it', async () => {
  await writeFile(join(folder, 'shopping.yaml'), 'identifier: a\n');
  const { stderr } = await run([join(folder, 'shoping.yaml')]);
  expect(stderr).toContain(`did you mean ${join(folder, 'shopping.yaml')}?`);
});

test('a built-in text is read as the file that it is called', async () => {
  const { code, stderr } = await run(['--dry-run'], { footprint: { text: 'identifier: 1\n', source: 'shop.yaml' } });
  expect([code, stderr.split('\n')[0]]).toEqual([1, 'error TW_BAD_FOOTPRINT: shop.yaml:1:1: revision is missing']);
});

test('a port in use is found out before any component starts', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { components, started } = shop();
  for (const flag of ['--health', '--grpc-health'])
    for (const more of [[], ['--dry-run']]) {
      const { code, stdout, stderr } = await run([flag, `:${port}`, ...more], { components });
      expect([code, stdout, started]).toEqual([1, '', []]);
      expect(stderr).toContain(`error TW_LISTEN: health cannot be served on 127.0.0.1:${port}: it is in use`);
    }
  taken.close();
});

test('a broker that cannot be reached fails the program, with its address', async () => {
  const { code, stderr } = await run(['--transport', 'nats://127.0.0.1:1', '--enable', 'till', '--external', 'orders']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/error north \(till\) has failed: NATS at nats:\/\/127.0.0.1:1 cannot be reached .*code=TW_TRANSPORT/);
});

test('a misspelt variable is said to be one', async () => {
  const { stderr } = await run(['--dry-run'], {
    env: {
      TRACEWRIGHT_HAELTH: '1',
      TRACEWRIGHT_CONTENT: 'none',
      TRACEWRIGHT_TRANSPORT_USER: 'x',
      TRACEWRIGHT_TRANSPORT_PASSWROD: 'x',
      TRACEWRIGHT_TRANSPORT_SASL: 'x',
    },
  });
  expect(stderr.split('\n').map((line) => line.slice(25))).toEqual([
    'warn  TRACEWRIGHT_HAELTH says nothing here: did you mean TRACEWRIGHT_HEALTH?',
    'warn  TRACEWRIGHT_TRANSPORT_PASSWROD says nothing here: did you mean TRACEWRIGHT_TRANSPORT_PASSWORD?',
    expect.stringMatching(/^warn {2}TRACEWRIGHT_TRANSPORT_SASL says nothing here: of the broker, there are TRACEWRIGHT_TRANSPORT_USER, /),
  ]);
});

test('what others have named or said moves no cursor, in help, in refusals and in the log', async () => {
  const schema = z.object({ size: z.number().describe('\u001B[2Jhow many') });
  const till = defineComponent({
    name: 'till',
    doc: 'charges \u001B[2J',
    options: schema,
    bootstrap() {
      throw new Error('no \u001B[2Jpaper');
    },
  });
  const named = { ...footprint, allocations: [{ component: 'till', instance: 'no\nrth\u001B[2J', options: { size: 1 } }] };
  const options = { components: [till], footprint: named };
  const runs = await Promise.all([
    run(['--help'], options),
    run(['--enable', '\u001B[2J'], options),
    run([], options),
    run(['--dry-run'], options),
  ]);
  expect(runs.map(({ code }) => code)).toEqual([0, 2, 1, 0]);
  const text = runs.map(({ stdout, stderr }) => stdout + stderr).join('\n');
  expect(text).not.toContain('\u001B');
  expect(runs[2].stderr).toContain('error no\\nrth\\u001b[2J (till) has failed: no \\u001b[2Jpaper');
  expect(runs[2].stderr).toContain('instances=no\\nrth\\u001b[2J');
});

test('a program without a footprint needs one, and its version is printed', async () => {
  const { components } = shop();
  await expect(run([], { components, footprint: undefined })).resolves.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no footprint is given'),
  });
  await expect(run(['--version'], { version: '1.2.3' })).resolves.toEqual({ code: 0, stdout: '1.2.3', stderr: '' });
});

test.each([
  [{ components: [] }, 'main.components must be'],
  [{ components: [{}] }, 'main.components[0] must be a component'],
  [{ name: '' }, 'main.name must be'],
  [{ argv: 'x' }, 'main.argv must be'],
  [{ lingerMs: 0 }, 'main.lingerMs must be'],
  [{ lingerMs: true }, 'main.lingerMs must be'],
  [{ transports: { 'A b': memoryTransport } }, 'main.transports must be'],
  [{ footprints: footprint }, 'main.footprints is not an option'],
])('%j is refused', async (options, message) => {
  // A wrong option is the point.
  await expect(run([], options as never)).rejects.toThrow(message);
});
