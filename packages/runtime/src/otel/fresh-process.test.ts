import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Runs a module in a process of its own, where no global is registered yet, and gives what it printed as JSON. */
async function run(source: string): Promise<unknown> {
  const flags = ['--conditions=@tracewright/source', '--import', 'tsx', '--input-type=module', '--eval', source];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: here, env: { PATH: process.env['PATH'] } });
  return JSON.parse(stdout);
}

test('a fresh process gets a working context manager, and loses it again when telemetry closes', async () => {
  const source = `
    import { context } from '@opentelemetry/api';
    import { createRuntime, currentScope } from 'tracewright';
    import { probeTelemetry, startTelemetry } from 'tracewright/otel';
    const exporter = { export: (_spans, done) => done({ code: 0 }), shutdown: async () => {} };
    const telemetry = await startTelemetry({ exporters: { traces: exporter } });
    const { ok } = await probeTelemetry();
    const name = await createRuntime().run('answer', async () => { await null; return currentScope()?.name; });
    await telemetry.close();
    const after = (await probeTelemetry()).findings.map(({ fault }) => fault);
    console.log(JSON.stringify({ ok, name, warnings: telemetry.warnings, after }));
  `;
  expect(await run(source)).toEqual({ ok: true, name: 'answer', warnings: [], after: ['no_context_manager', 'no_tracer_provider'] });
});

test('importing the span processor loads no SDK', async () => {
  const source = `
    import { createRequire } from 'node:module';
    const { spanProcessor } = await import('tracewright/otel');
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => /opentelemetry.(sdk|core|resources|exporter|context)/.test(file));
    console.log(JSON.stringify({ loaded, works: typeof spanProcessor().onStart }));
  `;
  expect(await run(source)).toEqual({ loaded: [], works: 'function' });
});

test('a process that closed its telemetry ends by itself', async () => {
  const source = `
    import { startTelemetry } from 'tracewright/otel';
    const telemetry = await startTelemetry({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_TIMEOUT: '20' }, logger: { warn() {} } });
    const { failures } = await telemetry.close({ timeoutMs: 2000 });
    console.log(JSON.stringify(failures.map(({ signal }) => signal)));
  `;
  expect(await run(source)).toEqual(['logs']);
});
