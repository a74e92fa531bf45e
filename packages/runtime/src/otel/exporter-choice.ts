import { badOption, TracewrightError } from '../kernel/errors.ts';
import type { EnvironmentReader } from './environment.ts';
import type { ChosenProcessor } from './own-processor.ts';
import { type Signal, signals, type TelemetryExporter, type TelemetryOptions } from './telemetry-options.ts';

/** What a signal is sent to, `none` already left out. */
export type ChosenExporter = 'otlp' | 'console' | TelemetryExporter;

/** Where each signal goes; traces may also go to processors of the author's. */
export type ChosenExporters = Readonly<Record<Signal, readonly (ChosenExporter | ChosenProcessor)[]>>;

const exporterVariables = { traces: 'OTEL_TRACES_EXPORTER', metrics: 'OTEL_METRICS_EXPORTER', logs: 'OTEL_LOGS_EXPORTER' } as const;

/**
 * Where each signal goes: as the option says, else as its variable says, else by OTLP where an endpoint is set, else nowhere.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for a wrong option, `TW_TELEMETRY_SETUP` for a variable with an unknown exporter or protocol
 */
export function chooseExporters(options: TelemetryOptions, environment: EnvironmentReader): ChosenExporters {
  const chosen: Record<Signal, readonly (ChosenExporter | ChosenProcessor)[]> = { traces: [], metrics: [], logs: [] };
  for (const signal of signals) {
    chosen[signal] = fromOption(options, signal) ?? fromVariable(signal, environment) ?? fromEndpoint(signal, environment);
    if (chosen[signal].includes('otlp')) requireProtobuf(signal, environment);
  }
  const processors = (options.spanProcessors ?? []).map((processor) => ({ processor }));
  return { ...chosen, traces: [...processors, ...chosen.traces] };
}

function fromOption({ exporters }: TelemetryOptions, signal: Signal): readonly ChosenExporter[] | undefined {
  if (exporters === undefined) return undefined;
  const option = typeof exporters === 'string' ? 'exporters' : `exporters.${signal}`;
  const given: unknown = typeof exporters === 'string' ? exporters : exporters[signal];
  if (given === undefined) return undefined;
  return withoutNone(
    (Array.isArray(given) ? given : [given]).map((choice: unknown) => {
      if (choice === 'none' || isExporter(choice)) return choice;
      throw badOption(option, "'otlp', 'console', 'none', an exporter, or an array of them", choice);
    }),
  );
}

function fromVariable(signal: Signal, environment: EnvironmentReader): readonly ChosenExporter[] | undefined {
  const variable = exporterVariables[signal];
  const names = environment.list(variable);
  if (names === undefined) return undefined;
  return withoutNone(
    names.map((name) => {
      if (name === 'otlp' || name === 'console' || name === 'none') return name;
      throw wrongVariable(variable, name, 'otlp, console or none');
    }),
  );
}

function fromEndpoint(signal: Signal, environment: EnvironmentReader): readonly ChosenExporter[] {
  const endpoint =
    environment.text(`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`) ?? environment.text('OTEL_EXPORTER_OTLP_ENDPOINT');
  return endpoint === undefined ? [] : ['otlp'];
}

function requireProtobuf(signal: Signal, environment: EnvironmentReader): void {
  for (const variable of [`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_PROTOCOL`, 'OTEL_EXPORTER_OTLP_PROTOCOL']) {
    const protocol = environment.text(variable);
    if (protocol === 'http/protobuf') return;
    if (protocol !== undefined) throw wrongVariable(variable, protocol, 'http/protobuf');
  }
}

/** The error for a variable whose value cannot be followed. */
export function wrongVariable(variable: string, value: string, expected: string): TracewrightError<'TW_TELEMETRY_SETUP'> {
  return new TracewrightError('TW_TELEMETRY_SETUP', `${variable} is "${value}", expected ${expected}`, { data: { variable, value } });
}

/** `none` beside others turns the signal off: the safer reading of a list that contradicts itself. */
function withoutNone(choices: readonly (ChosenExporter | 'none')[]): readonly ChosenExporter[] {
  const exporters = choices.filter((choice) => choice !== 'none');
  return exporters.length < choices.length ? [] : exporters;
}

function isExporter(value: unknown): value is ChosenExporter {
  if (value === 'otlp' || value === 'console') return true;
  return typeof value === 'object' && value !== null && 'export' in value && typeof value.export === 'function' && 'shutdown' in value;
}
