import { diag } from '@opentelemetry/api';

let count = 0;

/**
 * Telemetry that fails must not break the work that it describes: the fault is counted and told to OpenTelemetry's `diag`, and work goes on.
 */
export function reportFault(message: string, error?: unknown): void {
  count += 1;
  try {
    diag.warn(`tracewright: ${message}`, error ?? '');
  } catch {
    // A diagnostic logger that throws has nobody left to be told.
  }
}

/** How many faults of telemetry were kept from breaking work since the process started. */
export function faultCount(): number {
  return count;
}

/** Runs one call into telemetry that may throw; a fault gives `undefined`. */
export function guarded<T>(what: string, call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    reportFault(`${what} failed`, error);
    return undefined;
  }
}
