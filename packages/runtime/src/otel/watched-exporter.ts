import { reportFault } from '../kernel/telemetry.ts';

/** What went wrong while a signal was exported. */
export interface ExportFailures {
  count: number;
  last: unknown;
}

interface ExportResult {
  readonly code: number;
  readonly error?: Error;
}

interface Exporting {
  export(items: never, done: (result: ExportResult) => void): void;
}

/** `ExportResultCode.FAILED` of the SDK, whose package is loaded only on demand. */
const failed = 1;

/**
 * `exporter`, with its failures counted: processors swallow them, and `close` could not report what was lost. An exporter that throws has failed.
 */
export function watchedExporter<Exporter extends Exporting>(exporter: Exporter, failures: ExportFailures): Exporter {
  const note = (error: unknown): void => {
    failures.count += 1;
    failures.last = error;
    reportFault('an export failed', error);
  };
  const send = (items: never, done: (result: ExportResult) => void): void => {
    try {
      exporter.export(items, (result) => {
        if (result.code !== 0) note(result.error);
        done(result);
      });
    } catch (error) {
      note(error);
      done({ code: failed, error: error instanceof Error ? error : new Error(String(error)) });
    }
  };
  return new Proxy(exporter, {
    get(target, key) {
      if (key === 'export') return send;
      const value: unknown = Reflect.get(target, key, target);
      // Some readers call it without asking whether it is there.
      if (key === 'forceFlush' && value === undefined) return () => Promise.resolve();
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
