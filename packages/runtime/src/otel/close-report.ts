import type { Signal } from './telemetry-options.ts';

/** What could not be delivered of one signal. */
export interface TelemetryCloseFailure {
  readonly signal: Signal;
  readonly message: string;
  readonly error?: unknown;
}

/** How closing went. Failures cover the whole time since the start, not only the last flush. */
export interface TelemetryCloseReport {
  readonly ok: boolean;
  readonly failures: readonly TelemetryCloseFailure[];
}
