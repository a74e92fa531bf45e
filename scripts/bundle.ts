import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { listFiles, repositoryRoot } from './repository.ts';

/** The published packages with the entries of each, as in the exports of their package.json: name in `dist`, source. */
const packages: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'packages/conventions': { index: 'src/index.ts' },
  'packages/check': { index: 'src/index.ts' },
  'packages/runtime': {
    index: 'src/index.ts',
    'otel/index': 'src/otel/index.ts',
    'component/index': 'src/component/index.ts',
    'testing/index': 'src/testing/index.ts',
    'adapters/nats/index': 'src/adapters/nats/index.ts',
    'adapters/kafka/index': 'src/adapters/kafka/index.ts',
    'adapters/grpc-health/index': 'src/adapters/grpc-health/index.ts',
    'component/command/tracewright': 'src/component/command/tracewright.ts',
  },
};

/**
 * Writes the JavaScript of each package as few files: the entries, and what they share. Every file that is loaded costs half a millisecond, and the sources
 * are many small ones. Types come from `tsc -b`, file by file.
 */
async function bundle(folder: string, entries: Readonly<Record<string, string>>): Promise<void> {
  const home = join(repositoryRoot, folder);
  const input = Object.fromEntries(Object.entries(entries).map(([name, source]) => [name, join(home, source)]));
  for (const old of listFiles(join(home, 'dist'), ['.js', '.js.map'])) rmSync(join(home, 'dist', old));
  const build = await rolldown({ cwd: home, input, platform: 'node', external: (id) => /^[^./]/.test(id), tsconfig: false });
  await build.write({
    dir: join(home, 'dist'),
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'shared/[name].js',
    sourcemap: true,
  });
  await build.close();
}

for (const [folder, entries] of Object.entries(packages)) await bundle(folder, entries);
console.log(`wrote the bundles of ${Object.keys(packages).join(', ')}`);
