import type { Resource } from '@opentelemetry/resources';
import type { GlobalSlot } from './claim-global.ts';
import type { EnvironmentReader, Warn } from './environment.ts';
import type { ChosenExporter } from './exporter-choice.ts';
import type { OwnSpanProcessor, Signal } from './telemetry-options.ts';
import type { ExportFailures } from './watched-exporter.ts';

/** What the pipeline of one signal is built from. */
export interface PipelineSettings {
  readonly exporters: readonly ChosenExporter[];
  /** Span processors of the author's; for traces only. */
  readonly processors: readonly OwnSpanProcessor[];
  /** What each span carries as the nonce of the process; for traces only. */
  readonly spanNonce: string | undefined;
  readonly resource: Resource;
  readonly environment: EnvironmentReader;
  readonly warn: Warn;
}

/** One signal on its way out: a provider of the SDK with its processors and exporters. */
export interface Pipeline {
  readonly signal: Signal;
  readonly slot: GlobalSlot;
  readonly failures: ExportFailures;
  flush(): Promise<void>;
  shutdown(): Promise<void>;
}
