import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { packagesFor, requirePackages } from './packages.ts';

test('every missing package is named, with the command that installs them', async () => {
  const load = (name: string): Promise<unknown> =>
    name.endsWith('core')
      ? Promise.resolve({})
      : Promise.reject(Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' }));
  await expect(requirePackages(['@opentelemetry/core', '@opentelemetry/sdk-logs', '@opentelemetry/api-logs'], load)).rejects.toMatchObject({
    code: 'TW_TELEMETRY_SETUP',
    message:
      'Packages that startTelemetry needs are not installed: @opentelemetry/sdk-logs, @opentelemetry/api-logs. ' +
      'Install them: npm install @opentelemetry/sdk-logs@^0.223.0 @opentelemetry/api-logs@^0.223.0',
  });
});

test('a package that breaks while it is loaded is named with its error', async () => {
  const cause = new Error('syntax error');
  await expect(requirePackages(['@opentelemetry/core'], () => Promise.reject(cause))).rejects.toMatchObject({
    code: 'TW_TELEMETRY_SETUP',
    cause,
  });
});

test('only the packages of the chosen exporters are needed', () => {
  expect(packagesFor({ traces: ['console'], metrics: [], logs: [] })).toEqual([
    '@opentelemetry/core',
    '@opentelemetry/resources',
    '@opentelemetry/context-async-hooks',
    '@opentelemetry/sdk-trace-base',
  ]);
});

test('every package that can be asked for is an optional peer of this one', () => {
  const { peerDependenciesMeta } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  for (const name of packagesFor({ traces: ['otlp'], metrics: ['otlp'], logs: ['otlp'] }))
    expect(peerDependenciesMeta[name]).toEqual({ optional: true });
});
