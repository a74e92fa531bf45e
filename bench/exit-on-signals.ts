import { constants } from 'node:os';

/** Lets a signal end the process as `process.exit` does, so that listeners to `exit` remove what it has started. */
export function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
