import { EventEmitter } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from './run-command.ts';

const footprint = 'identifier: a\nrevision: 1\nname: shop\nallocations: [{ component: till }]\n';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracewright-run-command-'));
  await mkdir(join(folder, 'shop'));
  for (const [name, text] of [
    ['package.json', '{ "type": "module" }'],
    ['shop/shop.yaml', footprint],
    ['lone.yaml', footprint],
    ['poor.mjs', 'export const price = 5; export default 6;'],
    ['broken.mjs', 'throw new RangeError("no paper");'],
    ['foreign.mjs', 'export const till = Object.freeze({ name: "till", aspects: [], interests: [] });'],
  ] as const)
    await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the command in this process; names of the test's folder are FOLDER, in the arguments and in what is printed. */
async function tracewright(args: readonly string[], env = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  const text = { stdout: '', stderr: '' };
  const { exitCode: code } = await runCommand(
    args.map((argument) => argument.replace('FOLDER', folder)),
    {
      env,
      stdin: process.stdin,
      stdout: { write: (chunk) => (text.stdout += chunk) },
      stderr: { write: (chunk) => (text.stderr += chunk) },
      process: new EventEmitter(),
    },
  );
  return { code, stdout: text.stdout, stderr: text.stderr.replaceAll(folder, 'FOLDER') };
}

test('it prints help and its version', async () => {
  await expect(tracewright(['--help'])).resolves.toMatchObject({ code: 0, stdout: expect.stringContaining('run [options] [footprint]') });
  const help = await tracewright(['run', '--help']);
  expect([help.code, help.stderr]).toEqual([0, '']);
  expect(help.stdout).toContain('With the footprint, or with --components, this help shows the options of its components too.');
  await expect(tracewright(['run', '-h'])).resolves.toEqual(help);
  const version = { code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' };
  for (const args of [['--version'], ['run', '--version'], ['run', 'FOLDER/lone.yaml', '--version']])
    await expect(tracewright(args)).resolves.toEqual(version);
});

test('help says that the options of components are missing, and why, where their module is broken', async () => {
  const { code, stdout } = await tracewright(['run', 'FOLDER/lone.yaml', '--components', 'FOLDER/broken.mjs', '--help']);
  expect(code).toBe(0);
  expect(stdout.replaceAll(folder, 'FOLDER')).toContain(
    'The options of components are missing here: FOLDER/broken.mjs cannot be loaded: RangeError: no paper\n',
  );
  expect(stdout).not.toContain('With the footprint, or with --components');
});

test('the components may be named by a variable', async () => {
  const { stderr } = await tracewright(['run', 'FOLDER/lone.yaml'], { TRACEWRIGHT_COMPONENTS: join(folder, 'poor.mjs') });
  expect(stderr).toContain('FOLDER/poor.mjs has no components');
});

test('what is wrong is told in JSON where that is wanted', async () => {
  const { stderr } = await tracewright(['run', 'FOLDER/lone.yaml', '--log-format', 'json']);
  expect(JSON.parse(stderr)).toMatchObject({ level: 'error', code: 'TW_BAD_OPTION', message: expect.stringContaining('no components') });
});

test.each([
  [['run', 'FOLDER/lone.yaml'], 'error: no components: there is no components.js, components.mjs, components.ts in FOLDER;'],
  [['run', 'FOLDER/shop/shop.yml'], 'did you mean FOLDER/shop/shop.yaml?'],
  [['run', 'FOLDER/shop'], 'error: the footprint FOLDER/shop cannot be read: that is a folder'],
  [['run', 'FOLDER/lone.yaml', '--components', 'FOLDER/nothing.js'], 'error: --components: there is no file FOLDER/nothing.js'],
  [['run', 'FOLDER/lone.yaml', '--components', 'FOLDER/shop'], 'error: --components: FOLDER/shop is a folder: name the file in it'],
  [['run', 'FOLDER/lone.yaml', '--components', '.'], 'is a folder: name the file in it'],
  [['run', 'FOLDER/lone.yaml', '--components', ''], 'error: --components must be a file or a package, received no name'],
  [['run', 'FOLDER/lone.yaml', '--components', 'nothing'], 'error: --components: nothing is neither a file in'],
  [
    ['run', 'FOLDER/lone.yaml', '--components', 'FOLDER/poor.mjs'],
    'FOLDER/poor.mjs has no components: it exports default, price, and none of it',
  ],
  [['run', 'FOLDER/lone.yaml', '--components', 'FOLDER/broken.mjs'], 'error: FOLDER/broken.mjs cannot be loaded: RangeError: no paper'],
  [['run', 'FOLDER/lone.yaml', '--components', 'FOLDER/foreign.mjs'], 'made by another copy of tracewright'],
  [['run'], 'error: no footprint is given: name a file in YAML or JSON'],
  [['rum'], "error: unknown command 'rum'\n(Did you mean run?)"],
  [[], 'Usage: tracewright'],
])('%j is wrong usage, and says so: %s', async (args, message) => {
  const { code, stdout, stderr } = await tracewright(args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/ {4}at /);
});
