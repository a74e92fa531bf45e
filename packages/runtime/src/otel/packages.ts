import { TracewrightError } from '../kernel/errors.ts';
import { importedApiVersion } from './api-registry.ts';
import type { ChosenExporters } from './exporter-choice.ts';
import { type Signal, signals } from './telemetry-options.ts';

interface PackageSource {
  readonly range: string;
  load(): Promise<unknown>;
}

function source(range: string, load: () => Promise<unknown>): PackageSource {
  return { range, load };
}

/**
 * Every package that telemetry can need, with the versions that this release works with. They are optional peers: each is loaded when a signal asks
 * for it, so that the rest of `tracewright/otel` works where none of them is installed.
 */
const packages = {
  '@opentelemetry/core': source('^2.12.0', () => import('@opentelemetry/core')),
  '@opentelemetry/resources': source('^2.12.0', () => import('@opentelemetry/resources')),
  '@opentelemetry/context-async-hooks': source('^2.12.0', () => import('@opentelemetry/context-async-hooks')),
  '@opentelemetry/sdk-trace-base': source('^2.12.0', () => import('@opentelemetry/sdk-trace-base')),
  '@opentelemetry/exporter-trace-otlp-proto': source('^0.223.0', () => import('@opentelemetry/exporter-trace-otlp-proto')),
  '@opentelemetry/sdk-metrics': source('^2.12.0', () => import('@opentelemetry/sdk-metrics')),
  '@opentelemetry/exporter-metrics-otlp-proto': source('^0.223.0', () => import('@opentelemetry/exporter-metrics-otlp-proto')),
  '@opentelemetry/api-logs': source('^0.223.0', () => import('@opentelemetry/api-logs')),
  '@opentelemetry/sdk-logs': source('^0.223.0', () => import('@opentelemetry/sdk-logs')),
  '@opentelemetry/exporter-logs-otlp-proto': source('^0.223.0', () => import('@opentelemetry/exporter-logs-otlp-proto')),
};

export type PackageName = keyof typeof packages;

const always: readonly PackageName[] = ['@opentelemetry/core', '@opentelemetry/resources', '@opentelemetry/context-async-hooks'];

const sdkOf: Readonly<Record<Signal, readonly PackageName[]>> = {
  traces: ['@opentelemetry/sdk-trace-base'],
  metrics: ['@opentelemetry/sdk-metrics'],
  logs: ['@opentelemetry/sdk-logs', '@opentelemetry/api-logs'],
};

const otlpOf: Readonly<Record<Signal, PackageName>> = {
  traces: '@opentelemetry/exporter-trace-otlp-proto',
  metrics: '@opentelemetry/exporter-metrics-otlp-proto',
  logs: '@opentelemetry/exporter-logs-otlp-proto',
};

/** The packages that the chosen exporters need. */
export function packagesFor(chosen: ChosenExporters): readonly PackageName[] {
  const wanted = signals.filter((signal) => chosen[signal].length > 0);
  return [...always, ...wanted.flatMap((signal) => (chosen[signal].includes('otlp') ? [...sdkOf[signal], otlpOf[signal]] : sdkOf[signal]))];
}

/**
 * Makes sure that packages can be loaded, before anything is set up with half of them.
 *
 * @param load default: `import()` of the package
 * @throws {TracewrightError} `TW_TELEMETRY_SETUP` naming every package that is missing, with the command that installs them
 */
export async function requirePackages(
  names: readonly PackageName[],
  load: (name: PackageName) => Promise<unknown> = (name) => packages[name].load(),
): Promise<void> {
  const missing: PackageName[] = [];
  for (const name of names) {
    try {
      await load(name);
    } catch (error) {
      if (!isNotFound(error))
        throw new TracewrightError('TW_TELEMETRY_SETUP', `${name} cannot be loaded`, { data: { package: name }, cause: error });
      missing.push(name);
    }
  }
  if (missing.length === 0) return;
  const command = `npm install ${missing.map((name) => `${name}@${packages[name].range}`).join(' ')}`;
  const remedy = besideSdk3()
    ? 'They are of SDK 2, and this program has the API of SDK 3: set up that SDK instead, with spanProcessor() among its span processors'
    : `Install them: ${command}`;
  throw new TracewrightError(
    'TW_TELEMETRY_SETUP',
    `Packages that startTelemetry needs are not installed: ${missing.join(', ')}. ${remedy}`,
    {
      data: { missing },
    },
  );
}

/** SDK 2 asks for an API below 1.10, SDK 3 for one from there on: the two cannot be installed together. */
function besideSdk3(): boolean {
  const [major, minor] = (importedApiVersion() ?? '').split('.').map(Number);
  return major === 1 && minor !== undefined && minor >= 10;
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND');
}
