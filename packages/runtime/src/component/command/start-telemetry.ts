import { randomUUID } from 'node:crypto';
import { isTracewrightError } from '../../kernel/errors.ts';
import type { Environment } from './flag.ts';
import { isNotFound } from './load-optional.ts';
import type { Log } from './log.ts';

/** Telemetry of the program, as far as there is any. */
export interface ProgramTelemetry {
  readonly processNonce: string;
  close(): Promise<unknown>;
}

export interface TelemetryWishes {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly env: Environment;
  readonly log: Log;
}

/**
 * Starts telemetry by the standard variables, where its packages are installed. That they are not is an error only where somebody asked for it.
 *
 * @throws {TracewrightError} `TW_TELEMETRY_SETUP`
 */
export async function startProgramTelemetry({ name, version, env, log }: TelemetryWishes): Promise<ProgramTelemetry> {
  try {
    const { startTelemetry, processNonce } = await import('tracewright/otel');
    const telemetry = await startTelemetry({
      // What the operator says counts more than what the program is called.
      ...(name === undefined || env['OTEL_SERVICE_NAME'] ? {} : { serviceName: name }),
      ...(version === undefined ? {} : { serviceVersion: version }),
      env,
      logger: { warn: (message) => log.warn(message) },
    });
    log.debug(telemetry.enabled ? `telemetry is sent: ${telemetry.signals.join(', ')}` : 'telemetry is sent nowhere: no exporter is set');
    return { processNonce: processNonce(), close: () => telemetry.close() };
  } catch (error) {
    const isMissing = isNotFound(error) || isTracewrightError(error, 'TW_TELEMETRY_SETUP');
    if (!isMissing || isAskedFor(env)) throw error;
    log.debug('telemetry is sent nowhere: the packages of OpenTelemetry are not installed');
    return { processNonce: randomUUID(), close: () => Promise.resolve() };
  }
}

function isAskedFor(env: Environment): boolean {
  return Object.entries(env).some(([name, value]) => /^OTEL_(EXPORTER_|(TRACES|METRICS|LOGS)_EXPORTER$)/.test(name) && value);
}
