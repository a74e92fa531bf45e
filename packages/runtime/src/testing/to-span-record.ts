import { type HrTime, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { SpanKindName, SpanRecord } from '@tracewright/check';

const kindNames = {
  [SpanKind.INTERNAL]: 'INTERNAL',
  [SpanKind.SERVER]: 'SERVER',
  [SpanKind.CLIENT]: 'CLIENT',
  [SpanKind.PRODUCER]: 'PRODUCER',
  [SpanKind.CONSUMER]: 'CONSUMER',
} as const satisfies Record<SpanKind, SpanKindName>;

const statusNames = {
  [SpanStatusCode.UNSET]: 'UNSET',
  [SpanStatusCode.OK]: 'OK',
  [SpanStatusCode.ERROR]: 'ERROR',
} as const satisfies Record<SpanStatusCode, SpanRecord['status']['code']>;

/** What a recorder knows of a span beside the span itself. */
export interface SpanHistory {
  readonly ends?: number | undefined;
  readonly createdAt?: string | undefined;
}

/** Copies a span of the SDK as it is now; later changes to the span do not show. A span that has not ended has no end time. */
export function toSpanRecord(span: ReadableSpan, { ends, createdAt }: SpanHistory = {}): SpanRecord {
  const { traceId, spanId } = span.spanContext();
  const { name: scopeName, version } = span.instrumentationScope;
  const { code, message } = span.status;
  return {
    traceId,
    spanId,
    ...parentOf(span),
    name: span.name,
    kind: kindNames[span.kind],
    startTimeUnixNano: toNanoseconds(span.startTime),
    ...(span.ended ? { endTimeUnixNano: toNanoseconds(span.endTime) } : {}),
    status: message === undefined ? { code: statusNames[code] } : { code: statusNames[code], message },
    attributes: { ...span.attributes },
    events: span.events.map((event) => ({
      name: event.name,
      timeUnixNano: toNanoseconds(event.time),
      attributes: { ...event.attributes },
    })),
    links: span.links.map(({ context, attributes }) => ({
      traceId: context.traceId,
      spanId: context.spanId,
      attributes: { ...attributes },
      isRemote: context.isRemote === true,
    })),
    scope: version === undefined ? { name: scopeName } : { name: scopeName, version },
    resource: { ...span.resource.attributes },
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
    ...(ends === undefined ? {} : { ends }),
    ...(createdAt === undefined ? {} : { createdAt }),
  };
}

function parentOf({ parentSpanContext }: ReadableSpan): Pick<SpanRecord, 'parentSpanId' | 'parentIsRemote'> {
  if (parentSpanContext === undefined) return {};
  // The SDK sets the bit for contexts that came in by a propagator, and leaves it out for its own spans.
  return { parentSpanId: parentSpanContext.spanId, parentIsRemote: parentSpanContext.isRemote === true };
}

function toNanoseconds([seconds, nanoseconds]: HrTime): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(Math.round(nanoseconds));
}
