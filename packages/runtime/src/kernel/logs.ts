import type { Context } from '@opentelemetry/api';
import { instrumentationScope } from '@tracewright/conventions';
import type { AttributeValues } from './attributes.ts';
import { version } from './version.ts';

/** The part of OpenTelemetry's logger provider that the kernel needs, by shape: the logs API is a package of its own on API 1.9 and part of it on 1.10. */
export interface LoggerProviderLike {
  getLogger(name: string, version?: string): { emit(record: LogRecordLike): void };
}

export interface LogRecordLike {
  readonly eventName?: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly attributes?: AttributeValues;
  readonly context?: Context;
  readonly body?: string;
}

export interface LogEvent {
  readonly eventName: string;
  readonly severity: 'INFO' | 'ERROR';
  readonly attributes: AttributeValues;
  readonly context: Context;
}

export interface LogSink {
  emit(event: LogEvent): void;
}

/** Numbers of the log data model of OpenTelemetry. */
const severityNumbers = { INFO: 9, ERROR: 17 } as const;

/** Where API 1.10 keeps its globals, the logger provider among them. */
const apiKey = Symbol.for('opentelemetry.js.api.1');
/** Where the separate logs API of the 1.9 line keeps it: as a function from the wanted version of that API to the provider. */
const logsApiKey = Symbol.for('io.opentelemetry.js.api.logs');
const logsApiVersion = 1;

/** Logs through `given`, else through the host's global provider at the time of each record, else nowhere. */
export function logSink(given: LoggerProviderLike | undefined): LogSink {
  return {
    emit({ severity, ...event }) {
      const provider = given ?? globalLoggerProvider();
      provider
        ?.getLogger(instrumentationScope, version)
        .emit({ ...event, severityNumber: severityNumbers[severity], severityText: severity });
    },
  };
}

export function globalLoggerProvider(): LoggerProviderLike | undefined {
  const api: unknown = Reflect.get(globalThis, apiKey);
  if (typeof api === 'object' && api !== null && 'logs' in api && isLoggerProvider(api.logs)) return api.logs;
  const lookUp: unknown = Reflect.get(globalThis, logsApiKey);
  const provider: unknown = typeof lookUp === 'function' ? lookUp(logsApiVersion) : undefined;
  return isLoggerProvider(provider) ? provider : undefined;
}

function isLoggerProvider(value: unknown): value is LoggerProviderLike {
  return typeof value === 'object' && value !== null && 'getLogger' in value && typeof value.getLogger === 'function';
}
