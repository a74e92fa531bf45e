import { requirePositive } from '../kernel/check.ts';
import { guarded, reportFault } from '../kernel/telemetry.ts';
import { closePipelines } from './close-pipelines.ts';
import type { TelemetryCloseReport } from './close-report.ts';
import { readEnvironment, type Warn } from './environment.ts';
import { chooseExporters, type ChosenExporters } from './exporter-choice.ts';
import { emitBootRecord } from './logs.ts';
import { packagesFor, requirePackages } from './packages.ts';
import { probeTelemetry } from './probe.ts';
import type { TelemetryFinding } from './probe-globals.ts';
import { type RunningSdk, setUpSdk } from './set-up-sdk.ts';
import { requireTelemetryOptions, type Signal, signals, type TelemetryOptions } from './telemetry-options.ts';

/** Telemetry of a process, as far as `startTelemetry` has set it up. */
export interface Telemetry extends AsyncDisposable {
  /** Whether anything was started. */
  readonly enabled: boolean;
  /** The signals that were started here; those of the host are not among them. */
  readonly signals: readonly Signal[];
  /** What is wrong with the set-up, one line each, with how to mend it. */
  readonly warnings: readonly string[];
  /**
   * Flushes and shuts down each signal within `timeoutMs` (default 5000), and gives up the globals that were registered here. What could not be delivered
   * is in the report and told to the logger; it never rejects. Later calls get the report of the first.
   *
   * @throws {TracewrightError} `TW_BAD_OPTION` for a timeout that is not a positive number
   */
  close(options?: { readonly timeoutMs?: number }): Promise<TelemetryCloseReport>;
}

const defaultTimeoutMs = 5000;

/**
 * Sets up the OpenTelemetry SDK for this process: resource, exporters, span processor, context manager, W3C propagators. Follows the standard `OTEL_*`
 * variables; starts nothing where neither an option nor a variable names an exporter or an endpoint. Replaces no global that is registered
 * already. Proves that it works, and says in `warnings` and to the logger what does not.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for a wrong option; `TW_TELEMETRY_SETUP` for a variable that cannot be followed, or a package that is not installed
 */
export async function startTelemetry(options: TelemetryOptions = {}): Promise<Telemetry> {
  requireTelemetryOptions(options);
  const warnings: string[] = [];
  const warn: Warn = (message) => {
    // What is read once for each signal would be told three times.
    if (!warnings.includes(message)) warnings.push(message);
  };
  const logger = options.logger ?? console;
  const tell = (message: string): void => {
    guarded('telling of a warning', () => logger.warn(`tracewright: ${message}`));
  };
  const environment = readEnvironment(options.env ?? process.env, warn);
  if (environment.flag('OTEL_SDK_DISABLED')) return telemetryOf(nothing, warnings, tell);
  const chosen = chooseExporters(options, environment);
  if (signals.every((signal) => chosen[signal].length === 0)) return telemetryOf(nothing, warnings, tell);
  await requirePackages(packagesFor(chosen));
  const sdk = await setUpSdk({ options, environment, chosen, warn });
  if (started(sdk, 'logs')) emitBootRecord();
  warnings.push(...(await probeSetUp(chosen, sdk)));
  for (const warning of warnings) tell(warning);
  return telemetryOf(sdk, warnings, tell);
}

const nothing: RunningSdk = { pipelines: [], release() {} };

function started(sdk: RunningSdk, wanted: Signal): boolean {
  return sdk.pipelines.some(({ signal }) => signal === wanted);
}

/** The probe's findings that are not simply what was asked for. */
async function probeSetUp(chosen: ChosenExporters, sdk: RunningSdk): Promise<string[]> {
  const asked = ({ fault }: TelemetryFinding): boolean =>
    (fault === 'no_tracer_provider' && chosen.traces.length === 0) || (fault === 'sampled_out' && started(sdk, 'traces'));
  try {
    const { findings } = await probeTelemetry();
    return findings.filter((finding) => !asked(finding)).map(({ message }) => message);
  } catch (error) {
    // What is registered stays registered: the caller needs the handle to give it up again.
    reportFault('the boot probe failed', error);
    return ['the boot probe failed: something in the set-up of the host throws'];
  }
}

function telemetryOf(sdk: RunningSdk, warnings: readonly string[], tell: (message: string) => void): Telemetry {
  let closing: Promise<TelemetryCloseReport> | undefined;
  const finish = async (timeoutMs: number): Promise<TelemetryCloseReport> => {
    try {
      const report = await closePipelines(sdk.pipelines, timeoutMs);
      for (const { message } of report.failures) tell(message);
      return report;
    } finally {
      sdk.release();
    }
  };
  const telemetry: Telemetry = {
    enabled: sdk.pipelines.length > 0,
    signals: Object.freeze(sdk.pipelines.map(({ signal }) => signal)),
    warnings: Object.freeze([...warnings]),
    async close({ timeoutMs = defaultTimeoutMs } = {}) {
      requirePositive('timeoutMs', timeoutMs);
      closing ??= finish(timeoutMs);
      return closing;
    },
    async [Symbol.asyncDispose]() {
      await telemetry.close();
    },
  };
  return Object.freeze(telemetry);
}
