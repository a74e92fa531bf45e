import { expect, test } from 'vitest';
import { findLayerProblems } from './layers.ts';
import { describeProblem } from './problem.ts';
import { temporaryTree } from './temporary-tree.ts';

const table = [
  '## Import table',
  '',
  'Test files (`*.test.ts`) may also import `vitest`, the testing kit and the OpenTelemetry SDK.',
  '',
  '| Folder | May import |',
  '|---|---|',
  '| packages/runtime/src | packages/runtime/src/kernel |',
  '| packages/runtime/src/kernel | `@opentelemetry/*`, `node:util` |',
].join('\n');

/** What the check says about a repository with one package of these files under `packages/runtime/src`. */
function problemsOf(files: Record<string, string>, page = table): readonly string[] {
  const base = { 'packages/runtime/package.json': '{}', 'docs/architecture.md': page, 'packages/runtime/src/kernel/clock.ts': '' };
  using tree = temporaryTree({ ...base, ...files });
  return findLayerProblems(tree.root).map(describeProblem);
}

const kernel = (text: string): Record<string, string> => ({ 'packages/runtime/src/kernel/run.ts': text });

test('imports that the table allows, and imports of the own folder, are no problem', () => {
  const files = {
    ...kernel("import { inspect } from 'node:util';\nimport { trace } from '@opentelemetry/api';\nimport './deep/inner.ts';"),
    'packages/runtime/src/kernel/deep/inner.ts': "import '../clock.ts';",
    'packages/runtime/src/runtime.ts': "import './kernel/run.ts';",
  };
  expect(problemsOf(files)).toEqual([]);
});

test.each([
  ["import 'node:fs';", 'imports `node:fs`, which its row does not allow'],
  ["export { x } from 'hono';", 'imports `hono`, which its row does not allow'],
  ["const late = await import('hono');", 'imports `hono`, which its row does not allow'],
  ["let x: import('hono').Hono;", 'imports `hono`, which its row does not allow'],
  ["import type { Runtime } from '../runtime.ts';", 'imports `../runtime.ts` of packages/runtime/src, which its row does not allow'],
  ['const late = await import(name);', 'imports a computed name, which only a row with (any) allows'],
])('%s is reported with its line and its row', (text, fault) => {
  const files = { ...kernel(`\n${text}`), 'packages/runtime/src/runtime.ts': '' };
  expect(problemsOf(files)).toEqual([
    `packages/runtime/src/kernel/run.ts:2: ${fault} (row \`packages/runtime/src/kernel\`, docs/architecture.md:8)`,
  ]);
});

test('a computed name is allowed where the row says that users name the modules', () => {
  const page = table.replace('`node:util` |', '`node:util`, (any) |');
  expect(problemsOf(kernel('const late = await import(name);'), page)).toEqual([]);
});

test('a relative import may not leave its package', () => {
  const [problem] = problemsOf({ ...kernel("import '../../../check/src/index.ts';"), 'packages/check/package.json': '{}' });
  expect(problem).toContain('which leaves its package packages/runtime');
});

test('a test file may import what the sentence above the table says, and its neighbours may not', () => {
  const text = "import 'vitest';\nimport '@opentelemetry/sdk-trace-base';";
  expect(problemsOf({ 'packages/runtime/src/kernel/run.test.ts': text })).toEqual([]);
  expect(problemsOf(kernel(text))).toHaveLength(1);
});

test('a new folder needs a row, and a row needs a folder', () => {
  expect(problemsOf({ 'packages/runtime/src/extra/a.ts': '' })).toEqual([
    'packages/runtime/src/extra: holds sources, but no row of docs/architecture.md speaks of this folder',
  ]);
  expect(problemsOf({}, `${table}\n| packages/gone/src | |`)).toEqual([
    'docs/architecture.md:9: names the folder `packages/gone/src`, which does not exist',
  ]);
  expect(problemsOf({}, '# Nothing')).toEqual(['docs/architecture.md: has no table under a heading `Import table`']);
});

test('a cycle of values is reported once, with its path; a cycle of types is none', () => {
  const b = { 'packages/runtime/src/kernel/b.ts': "import './run.ts';" };
  expect(problemsOf({ ...kernel("import { b } from './b.ts';"), ...b })).toEqual([
    'packages/runtime/src/kernel/b.ts: is on an import cycle: ' +
      'packages/runtime/src/kernel/b.ts → packages/runtime/src/kernel/run.ts → packages/runtime/src/kernel/b.ts',
  ]);
  expect(problemsOf({ ...kernel("import type { B } from './b.ts';"), ...b })).toEqual([]);
});

test('only the file that owns spans starts and ends them', () => {
  const text = 'const span = tracer.startSpan(name);\nspan.end();\ntracer.startActiveSpan;';
  const only = 'only packages/runtime/src/kernel/open-span.ts starts and ends spans';
  expect(problemsOf(kernel(text))).toEqual([
    `packages/runtime/src/kernel/run.ts:1: uses \`startSpan\`; ${only}`,
    `packages/runtime/src/kernel/run.ts:2: uses \`span.end\`; ${only}`,
    `packages/runtime/src/kernel/run.ts:3: uses \`startActiveSpan\`; ${only}`,
  ]);
  expect(problemsOf({ 'packages/runtime/src/kernel/open-span.ts': text, 'packages/runtime/src/kernel/run.test.ts': text })).toEqual([]);
});
