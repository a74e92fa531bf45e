/** Kind of a span, by its name in the OpenTelemetry specification. */
export type SpanKindName = 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER';

/** Something that happened at one moment of a span. */
export interface SpanEventRecord {
  readonly name: string;
  readonly timeUnixNano: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A pointer from one span to another, in the same trace or elsewhere. */
export interface SpanLinkRecord {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly isRemote?: boolean;
}

/** The library that made a span. */
export interface SpanScopeRecord {
  readonly name: string;
  readonly version?: string;
}

/**
 * One span as plain immutable data, finished or still open. Ids are lower-case hex, times are nanoseconds since the Unix epoch.
 */
export interface SpanRecord {
  readonly traceId: string;
  readonly spanId: string;
  /** Absent on a root. */
  readonly parentSpanId?: string;
  /** Whether the parent is in another process; absent when the source does not say. */
  readonly parentIsRemote?: boolean;
  readonly name: string;
  readonly kind: SpanKindName;
  readonly startTimeUnixNano: bigint;
  /** Absent while the span has not ended. */
  readonly endTimeUnixNano?: bigint;
  readonly status: { readonly code: 'UNSET' | 'OK' | 'ERROR'; readonly message?: string };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly SpanEventRecord[];
  readonly links: readonly SpanLinkRecord[];
  readonly scope: SpanScopeRecord;
  /** Attributes of the resource: the process that made the span. */
  readonly resource: Readonly<Record<string, unknown>>;
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
  /** How often the span was told to end; absent when the source does not know. */
  readonly ends?: number;
  /** Where in the source the span was started; absent when the source does not know. */
  readonly createdAt?: string;
}
