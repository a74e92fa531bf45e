/** Names of spans, log events and instrumentation scopes that Tracewright chooses itself. Names of operations are their authors’. */
export interface SpanDefinition {
  readonly name: string;
  readonly kind: 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER';
  readonly description: string;
}

/** Name of the tracer, the meter and the logger that all telemetry of the runtime comes from. */
export const instrumentationScope = 'tracewright';

export const spans = {
  probe: {
    name: 'tracewright.probe',
    kind: 'INTERNAL',
    description: 'Started and dropped by the boot probe to learn whether spans record; never exported.',
  },
  attempt: {
    name: 'attempt',
    kind: 'INTERNAL',
    description:
      'One try of an operation that took more than one; what the first try started stays beside it, as its span is made when it has failed.',
  },
  cleanup: {
    name: '<lifecycle>.cleanup',
    kind: 'INTERNAL',
    description: 'The cleanups of a lifecycle, a root of its own; only where there are cleanups.',
  },
  bootstrap: {
    name: '<component>.bootstrap',
    kind: 'INTERNAL',
    description: 'The start of a component, a root of its own; it ends when the component is ready, or could not start.',
  },
  apply: {
    name: 'footprint.apply',
    kind: 'INTERNAL',
    description:
      'The start of a footprint or of a new revision of it, a root of its own: from its checks until all that it starts is up, or was given up.',
  },
  process: {
    name: 'process <destination>',
    kind: 'CONSUMER',
    description: 'One try to handle one message: a root, linked to the span that sent it; begun when the message is there.',
  },
  send: {
    name: 'send <destination>',
    kind: 'PRODUCER',
    description: 'One message on its way to the broker, whose headers lead to this span.',
  },
} as const satisfies Record<string, SpanDefinition>;

export interface EventDefinition {
  readonly name: string;
  readonly description: string;
}

/** Names of span events and log records. */
export const events = {
  exception: { name: 'exception', description: 'An exception on the operation that failed: a span event, a log record, or both.' },
  messageFailed: {
    name: 'tracewright.message.failed',
    description: 'On the span of a batch: one of its messages could not be handled, and what became of it.',
  },
  boot: { name: 'tracewright.boot', description: 'Log record, once per `startTelemetry`: which process this is, by `process.nonce`.' },
} as const satisfies Record<string, EventDefinition>;
