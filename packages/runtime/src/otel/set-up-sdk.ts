import type { Attributes } from '@opentelemetry/api';
import { attributes } from '@tracewright/conventions';
import { registered } from './api-registry.ts';
import { claimGlobal, type Release } from './claim-global.ts';
import { contextGlobals } from './context-globals.ts';
import { reportFault } from '../kernel/telemetry.ts';
import type { EnvironmentReader, Warn } from './environment.ts';
import type { ChosenExporters } from './exporter-choice.ts';
import { isChosenExporter, isChosenProcessor } from './own-processor.ts';
import { logPipeline } from './logs.ts';
import { metricPipeline } from './metrics.ts';
import type { Pipeline, PipelineSettings } from './pipeline.ts';
import { adoptProcessNonce } from './process-nonce.ts';
import { resourceAttributes } from './resource-attributes.ts';
import { type Signal, signals, type TelemetryOptions } from './telemetry-options.ts';
import { tracePipeline } from './traces.ts';

/** What the SDK is set up from. */
export interface SdkSettings {
  readonly options: TelemetryOptions;
  readonly environment: EnvironmentReader;
  readonly chosen: ChosenExporters;
  readonly warn: Warn;
}

/** The part of the SDK that runs because of us. */
export interface RunningSdk {
  readonly pipelines: readonly Pipeline[];
  /** Gives up every global that was claimed. */
  release(): void;
}

const makers: Readonly<Record<Signal, (settings: PipelineSettings) => Promise<Pipeline>>> = {
  traces: tracePipeline,
  metrics: metricPipeline,
  logs: logPipeline,
};

const globalOf = { traces: 'trace', metrics: 'metrics', logs: 'logs' } as const;

/** Builds what is asked for, then registers it in one go; what the host has registered already stays the host's. */
export async function setUpSdk(settings: SdkSettings): Promise<RunningSdk> {
  const { environment, warn } = settings;
  const described = resourceAttributes(settings.options, environment, warn);
  const slots = await contextGlobals(environment, warn);
  const built = await buildPipelines(settings, described);
  const releases = slots.map((slot) => claimGlobal(slot, warn));
  const pipelines: Pipeline[] = [];
  for (const pipeline of built) {
    const release = claimGlobal(pipeline.slot, warn);
    releases.push(release);
    if (release !== undefined) pipelines.push(pipeline);
    // Another set-up was faster while the packages were loaded.
    // Nobody waits for it, and it has nothing to deliver.
    else pipeline.shutdown().catch((error: unknown) => reportFault('shutting down a pipeline that was not needed failed', error));
  }
  if (pipelines.length > 0) adoptProcessNonce(String(described[attributes.serviceInstanceId.key]));
  return { pipelines, release: () => releases.forEach((release: Release | undefined) => release?.()) };
}

async function buildPipelines({ chosen, environment, warn, options }: SdkSettings, described: Attributes): Promise<Pipeline[]> {
  const { defaultResource, resourceFromAttributes } = await import('@opentelemetry/resources');
  const resource = defaultResource().merge(resourceFromAttributes(described));
  const spanNonce = options.nonceOnSpans === true ? String(described[attributes.serviceInstanceId.key]) : undefined;
  const built: Pipeline[] = [];
  try {
    for (const signal of signals) {
      const processors = chosen[signal].filter(isChosenProcessor).map(({ processor }) => processor);
      const exporters = chosen[signal].filter(isChosenExporter);
      if (exporters.length + processors.length === 0) continue;
      if (registered(globalOf[signal]) === undefined)
        built.push(await makers[signal]({ exporters, processors, spanNonce, resource, environment, warn }));
      else
        warn(
          `${signal} are left to the host: a provider is registered already. Start one of the two, or add spanProcessor() to the host's`,
        );
    }
  } catch (error) {
    // A wrong setting of a later signal: those before it have timers.
    await Promise.allSettled(built.map((pipeline) => pipeline.shutdown()));
    throw error;
  }
  return built;
}
