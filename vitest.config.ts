import { defineConfig } from 'vitest/config';

// Tests run against the sources of the workspace's packages, not against their builds. Otherwise the conditions are Node's own: with Vite's `module`,
// tests would load another build of the OpenTelemetry API than the SDK does.
const conditions = ['@tracewright/source', 'node', 'development|production'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['node'] } },
  // Node 20 knows `using` only after it was compiled.
  oxc: { target: 'es2022' },
  test: {
    include: ['packages/**/*.test.ts', 'scripts/**/*.test.ts', 'examples/**/*.test.ts', 'bench/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    setupFiles: ['vitest.setup.ts'],
    // No test asserts a time: on a busy machine one may take as long as it needs.
    testTimeout: 60_000,
    // Sources are judged by `tsc` itself, in a step of its own.
    typecheck: {
      enabled: true,
      checker: 'tsc',
      tsconfig: 'tsconfig.test.json',
      include: ['packages/**/*.test-d.ts', 'examples/**/*.test-d.ts'],
      ignoreSourceErrors: true,
    },
    sequence: { shuffle: true },
  },
});
