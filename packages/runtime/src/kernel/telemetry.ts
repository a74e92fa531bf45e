import { diag } from '@opentelemetry/api';
import { countHealth } from './health.ts';

/** Faults belong to the process: many of them know no runtime. */
const health = countHealth();

/**
 * Telemetry that fails must not break the work that it describes: the fault is counted (`tracewright.telemetry.fault`) and told to OpenTelemetry's `diag`, and work goes on.
 */
export function reportFault(message: string, error?: unknown): void {
  health.count('faults');
  try {
    diag.warn(`tracewright: ${message}`, error ?? '');
  } catch {
    // A diagnostic logger that throws has nobody left to be told.
  }
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
