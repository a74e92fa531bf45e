import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const command = fileURLToPath(new URL('tracewright.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const packages = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), '..');

const footprint = 'identifier: a\nrevision: 1\nname: shop\nallocations: [{ component: till }]\n';
const defined = (bootstrap: string): string =>
  `import { defineComponent } from 'tracewright/component';\nexport const till = defineComponent({ name: 'till', ${bootstrap} });\n`;
const program = (bootstrap: string, more: string): string =>
  `${defined(bootstrap).replace('{ defineComponent }', '{ defineComponent, main }')}
  const footprint = { identifier: 'a', revision: 1, name: 'shop', allocations: [{ component: 'till' }] };
  await main({ components: [till], footprint, ${more} });\n`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracewright-process-'));
  await symlink(packages, join(folder, 'node_modules'));
  const elsewhere = join(folder, 'elsewhere');
  await mkdir(join(elsewhere, 'node_modules/@shop/till/lib'), { recursive: true });
  for (const [name, text] of [
    ['package.json', '{ "type": "module" }'],
    ['shop.yaml', footprint],
    ['leak.js', defined("bootstrap() { setInterval(() => undefined, 1000); throw new Error('no database'); }")],
    ['timer.js', `${defined('bootstrap: () => undefined')} setInterval(() => undefined, 1000);`],
    ['stuck.js', `${defined('bootstrap: () => undefined')} await new Promise(() => undefined);`],
    ['later.js', program('bootstrap: () => void setTimeout(() => console.log("late"), 400)', 'lingerMs: 100')],
    ['patient.js', program('bootstrap: () => void setTimeout(() => console.log("late"), 400)', 'lingerMs: false')],
    [
      'several.js',
      `${defined(
        "bootstrap(l, link, ms) { l.fork('work', async () => { await new Promise((resolve) => setTimeout(resolve, ms)); console.log(ms); }); }",
      )
        .replace('{ defineComponent }', '{ defineComponent, main }')
        .replace("'till',", "'till', options: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },")}
      const run = (ms) => main({ components: [till], footprint: { identifier: 'a', revision: 1, allocations: [{ component: 'till', options: ms }] }, lingerMs: 50 });
      await Promise.all([run(1), run(300)]);
      await run(301);
      setTimeout(() => console.log('late'), 600);`,
    ],
    [
      'unheard.js',
      program(
        `bootstrap(l) {
          l.defer(() => console.log('closed'));
          l.fork('work', async () => {
            await new Promise((resolve) => process.stdin.once('data', resolve));
            for (let line = 0; line < 3; line += 1) { console.error('noise'); process.stderr.write('noise'); await new Promise(setImmediate); }
          });
        }`,
        "argv: ['node', 'x', '--log-level', 'debug']",
      ),
    ],
    ['elsewhere/package.json', '{ "type": "module" }'],
    ['elsewhere/node_modules/@shop/till/package.json', '{ "type": "module", "exports": { ".": { "import": "./lib/index.js" } } }'],
    ['elsewhere/node_modules/@shop/till/lib/index.js', defined("bootstrap: () => console.log('found')")],
  ] as const)
    await writeFile(join(folder, name), text);
  for (const name of ['tracewright', '@tracewright']) await symlink(join(packages, name), join(elsewhere, 'node_modules', name));
});
afterAll(() => rm(folder, { recursive: true }));

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const flags = ['--conditions=@tracewright/source', '--import', tsx];

/** Runs Node with what is in the folder, to its end. */
async function node(args: readonly string[], cwd = folder): Promise<Ran> {
  const child = spawn(process.execPath, [...flags, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].setEncoding('utf8').on('data', (chunk: string) => (text[name] += chunk));
  const [code] = (await once(child, 'close')) as [number | null]; // What Node documents of this event.
  return { code, ...text };
}

test('what still holds a timer when all is over is named, and the process ends with the code of the end', async () => {
  const { code, stderr } = await node([command, 'run', 'shop.yaml', '--components', 'leak.js', '--log-format', 'json']);
  const [end, warning] = stderr
    .trim()
    .split('\n')
    .slice(-2)
    .map((line): unknown => JSON.parse(line));
  expect(code).toBe(1);
  expect(end).toMatchObject({ message: 'the end: failed', exit: 1 });
  expect(warning).toMatchObject({
    level: 'warn',
    message: expect.stringMatching(/^all is over since 1000 ms, but this process is kept alive by Timeout: it is ended now$/),
  });
});

test('a module that holds a timer does not keep a dry run alive', async () => {
  const { code, stdout, stderr } = await node([command, 'run', 'shop.yaml', '--components', 'timer.js', '--dry-run']);
  expect([code, stdout.split('\n')[0]]).toEqual([0, 'shop (a), revision 1: 1 instance, 0 destinations']);
  expect(stderr).toContain('kept alive by Timeout');
});

test('a program waits as long for others as it was told to', async () => {
  const [later, patient] = await Promise.all([node(['later.js']), node(['patient.js'])]);
  expect([later.code, later.stdout, patient.code, patient.stdout]).toEqual([0, '', 0, 'late\n']);
  expect(later.stderr).toContain('all is over since 100 ms, but this process is kept alive by Timeout');
  expect(patient.stderr).not.toContain('process is kept alive');
});

test('a process in which several programs run is ended after the last of them', async () => {
  const { code, stdout, stderr } = await node(['several.js']);
  expect([code, stdout]).toEqual([0, '1\n300\n301\n']);
  expect(stderr.match(/process is kept alive/g)).toHaveLength(1);
});

test('a program lives on when nobody reads its standard error any more', async () => {
  const child = spawn(process.execPath, [...flags, 'unheard.js'], { cwd: folder, env: { PATH: process.env['PATH'] } });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  await once(child.stderr, 'data');
  child.stderr.destroy();
  child.stdin.end('go on');
  const [code] = (await once(child, 'close')) as [number | null]; // What Node documents of this event.
  expect([code, stdout]).toEqual([0, 'closed\n']);
});

test('a module that waits at its top level for what never comes is said to do so', async () => {
  const { code, stderr } = await node([command, 'run', 'shop.yaml', '--components', 'stuck.js']);
  expect(code).toBe(2);
  expect(stderr).toContain('stuck.js cannot be loaded: it waits at its top level for what never comes');
});

test('a package in the working folder that can only be imported is found', async () => {
  const { code, stdout } = await node([command, 'run', '../shop.yaml', '--components', '@shop/till'], join(folder, 'elsewhere'));
  expect([code, stdout]).toEqual([0, 'found\n']);
});
