import type { Attributes } from '@opentelemetry/api';
import { requireKnownKeys, requirePlainObject, requireText } from '../kernel/check.ts';
import { badOption } from '../kernel/errors.ts';
import type { Environment } from './environment.ts';

export const signals = ['traces', 'metrics', 'logs'] as const;

/** One of the three kinds of telemetry that are exported. */
export type Signal = (typeof signals)[number];

/** `otlp` posts protobuf over HTTP, `console` prints, `none` exports nothing. */
export type ExporterName = 'otlp' | 'console' | 'none';

/** Any exporter of the OpenTelemetry SDK, by shape, so that these types need no SDK to be installed. */
export interface TelemetryExporter {
  export(items: never, done: never): void;
  shutdown(): Promise<void>;
  forceFlush?(): Promise<void>;
}

/** Any span processor of the OpenTelemetry SDK, by shape. */
export interface OwnSpanProcessor {
  onStart(span: never, parentContext: never): void;
  onEnd(span: never): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Where one signal goes; an array sends it to several places. */
export type ExporterChoice = ExporterName | TelemetryExporter | readonly (ExporterName | TelemetryExporter)[];

/** What `startTelemetry` takes. An option wins over the variable of the same meaning, except over `OTEL_SDK_DISABLED`, which turns all off. */
export interface TelemetryOptions {
  /** `service.name` of the resource. Default: `OTEL_SERVICE_NAME`, else what `OTEL_RESOURCE_ATTRIBUTES` says, else `unknown_service:node`. */
  readonly serviceName?: string;
  /** `service.version` of the resource. */
  readonly serviceVersion?: string;
  /** For all signals by one name, or for each. Default: `OTEL_TRACES_EXPORTER` and its siblings, else `otlp` where an endpoint is set. */
  readonly exporters?: ExporterName | Partial<Readonly<Record<Signal, ExporterChoice>>>;
  /** Span processors of your own, called before those of the exporters. Traces are started for them also where nothing is exported. */
  readonly spanProcessors?: readonly OwnSpanProcessor[];
  /**
   * Whether each span carries `process.nonce` too, which is `service.instance.id` of the resource: for backends that do not search by attributes of the resource.
   * Default false.
   */
  readonly nonceOnSpans?: boolean;
  /** Further attributes of the resource. */
  readonly resource?: Attributes;
  /** Told what is wrong with the set-up, one line each. Default: `console`. */
  readonly logger?: { warn(message: string): void };
  /** Default: `process.env`. Certificates and the temporality of metrics are read by the exporters, from the process alone. */
  readonly env?: Environment;
}

const known = ['serviceName', 'serviceVersion', 'exporters', 'spanProcessors', 'nonceOnSpans', 'resource', 'logger', 'env'];

/** @throws {TracewrightError} `TW_BAD_OPTION` naming the option and the value */
export function requireTelemetryOptions(options: TelemetryOptions): void {
  requireKnownKeys('startTelemetry', requirePlainObject('startTelemetry', options), known);
  const { serviceName, serviceVersion, exporters, resource, logger, spanProcessors, nonceOnSpans } = options;
  if (spanProcessors !== undefined && !Array.isArray(spanProcessors))
    throw badOption('spanProcessors', 'an array of span processors', spanProcessors);
  for (const [index, processor] of (spanProcessors ?? []).entries()) requireProcessor(`spanProcessors[${index}]`, processor);
  if (nonceOnSpans !== undefined && typeof nonceOnSpans !== 'boolean') throw badOption('nonceOnSpans', 'a boolean', nonceOnSpans);
  if (serviceName !== undefined) requireText('serviceName', serviceName);
  if (serviceVersion !== undefined) requireText('serviceVersion', serviceVersion);
  if (resource !== undefined) requirePlainObject('resource', resource);
  if (logger !== undefined && typeof logger.warn !== 'function') throw badOption('logger', 'an object with a method warn', logger);
  if (exporters === undefined || typeof exporters === 'string') return;
  requireKnownKeys('exporters', requirePlainObject('exporters', exporters), signals);
}

function requireProcessor(option: string, processor: unknown): void {
  for (const method of ['onStart', 'onEnd', 'forceFlush', 'shutdown']) {
    const member: unknown = typeof processor === 'object' && processor !== null ? Reflect.get(processor, method) : undefined;
    if (typeof member !== 'function') throw badOption(option, 'a span processor with onStart, onEnd, forceFlush and shutdown', processor);
  }
}
