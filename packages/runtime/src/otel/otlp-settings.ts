import { TracewrightError } from '../kernel/errors.ts';
import { type EnvironmentReader, parsePairs } from './environment.ts';
import { wrongVariable } from './exporter-choice.ts';
import type { Signal } from './telemetry-options.ts';

/** What an OTLP exporter is told; what is absent stays its own default. Times in milliseconds. */
export interface OtlpSettings {
  readonly url?: string;
  readonly headers?: Record<string, string>;
  readonly timeoutMillis?: number;
  readonly compression?: 'gzip' | 'none';
}

/**
 * The OTLP variables of one signal. The exporters would read them too, but from the process alone and sending to localhost when an endpoint
 * cannot be parsed; here a wrong one is an error.
 *
 * @throws {TracewrightError} `TW_TELEMETRY_SETUP` naming the variable
 */
export function otlpSettings(signal: Signal, environment: EnvironmentReader): OtlpSettings {
  const url = endpoint(signal, environment);
  const headers = { ...readHeaders('OTEL_EXPORTER_OTLP_HEADERS', environment), ...readHeaders(specific(signal, 'HEADERS'), environment) };
  const timeoutMillis = environment.number(specific(signal, 'TIMEOUT'), 1) ?? environment.number('OTEL_EXPORTER_OTLP_TIMEOUT', 1);
  const compression =
    readCompression(specific(signal, 'COMPRESSION'), environment) ?? readCompression('OTEL_EXPORTER_OTLP_COMPRESSION', environment);
  return {
    ...(url !== undefined && { url }),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(timeoutMillis !== undefined && { timeoutMillis }),
    ...(compression !== undefined && { compression }),
  };
}

const specific = (signal: Signal, what: string): string => `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${what}`;

/** The endpoint of one signal is used as it stands; the general one gets the signal's path (OTLP exporter specification). */
function endpoint(signal: Signal, environment: EnvironmentReader): string | undefined {
  const own = specific(signal, 'ENDPOINT');
  const exact = environment.text(own);
  if (exact !== undefined) return requireUrl(own, exact);
  const general = environment.text('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (general === undefined) return undefined;
  const url = new URL(requireUrl('OTEL_EXPORTER_OTLP_ENDPOINT', general));
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/${signal}`;
  url.hash = '';
  return url.href;
}

function requireUrl(variable: string, value: string): string {
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return value;
  throw wrongVariable(variable, value, 'an http or https URL');
}

function readHeaders(variable: string, environment: EnvironmentReader): Record<string, string> {
  const given = environment.text(variable);
  if (given === undefined) return {};
  const headers = parsePairs(given);
  if (headers !== undefined) return headers;
  // The value is a credential more often than not: it is not shown.
  throw new TracewrightError('TW_TELEMETRY_SETUP', `${variable} is not a list of name=value pairs`, { data: { variable } });
}

function readCompression(variable: string, environment: EnvironmentReader): 'gzip' | 'none' | undefined {
  const given = environment.text(variable);
  if (given === undefined || given === 'gzip' || given === 'none') return given;
  throw wrongVariable(variable, given, 'gzip or none');
}
