import { SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  type SpanLimits,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import type { SeenSpan } from './seen-span.ts';

export interface PlainOptions {
  readonly sampler?: Sampler;
  /** Called before the processor that exports. */
  readonly processors?: readonly SpanProcessor[];
  /** What stands between the provider and the processor that exports. */
  readonly wrapExporting?: (exporting: SpanProcessor) => SpanProcessor;
  readonly spanLimits?: SpanLimits;
}

/** A provider of the OpenTelemetry SDK as its guides set it up, and what it exported. */
export interface PlainRecording {
  readonly provider: BasicTracerProvider;
  readonly tracer: Tracer;
  /** The exported spans, in the order of their ends. */
  readonly spans: readonly SeenSpan[];
  /** Names of the spans that have started and not ended. */
  readonly open: readonly string[];
  /** The exported spans as OTLP protobuf: the bytes that an exporter would send. */
  export(): Uint8Array;
}

export function recordPlain({
  sampler,
  spanLimits,
  processors = [],
  wrapExporting = (exporting) => exporting,
}: PlainOptions = {}): PlainRecording {
  const started: ReadableSpan[] = [];
  const watch: SpanProcessor = {
    onStart: (span) => void started.push(span),
    onEnd() {},
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    ...(sampler !== undefined && { sampler }),
    ...(spanLimits !== undefined && { spanLimits }),
    spanProcessors: [...processors, watch, wrapExporting(new SimpleSpanProcessor(exporter))],
  });
  return {
    provider,
    tracer: provider.getTracer('corpus'),
    get spans() {
      return exporter.getFinishedSpans().map(toSeenSpan);
    },
    get open() {
      return started.filter((span) => !span.ended).map((span) => span.name);
    },
    export: () => ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans()) ?? new Uint8Array(),
  };
}

const statusNames = {
  [SpanStatusCode.UNSET]: 'UNSET',
  [SpanStatusCode.OK]: 'OK',
  [SpanStatusCode.ERROR]: 'ERROR',
} as const satisfies Record<SpanStatusCode, SeenSpan['status']['code']>;

function toSeenSpan(span: ReadableSpan): SeenSpan {
  const { traceId, spanId } = span.spanContext();
  const { code, message } = span.status;
  return {
    traceId,
    spanId,
    ...(span.parentSpanContext !== undefined && { parentSpanId: span.parentSpanContext.spanId }),
    name: span.name,
    attributes: span.attributes,
    status: message === undefined ? { code: statusNames[code] } : { code: statusNames[code], message },
    links: span.links.map(({ context, attributes = {} }) => ({ traceId: context.traceId, spanId: context.spanId, attributes })),
    events: span.events.map(({ name, attributes = {} }) => ({ name, attributes, timeUnixNano: 0n })),
  };
}
