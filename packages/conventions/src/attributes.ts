/**
 * Every attribute key that Tracewright writes, once. `docs/traces.md` is compared with this table in both directions.
 *
 * `source` says who defines the key: an OpenTelemetry convention with its version, or `tracewright` where none exists.
 */
export interface AttributeDefinition {
  readonly key: string;
  readonly type: 'string' | 'int' | 'double' | 'boolean' | 'string[]';
  /** Unit of a number, as UCUM: `s` for seconds, `By` for bytes, `1` for a count. */
  readonly unit?: 's' | 'By' | '1';
  readonly stability: 'stable' | 'development';
  readonly source: string;
  readonly description: string;
}

/** The release of the OpenTelemetry semantic conventions that the names below follow. */
export const semanticConventions = {
  version: '1.45.0',
  schemaUrl: 'https://opentelemetry.io/schemas/1.45.0',
} as const;

const otel = `OpenTelemetry semantic conventions ${semanticConventions.version}`;
const ours = 'tracewright';

export const attributes = {
  executionContext: {
    key: 'execution.context',
    type: 'string',
    stability: 'development',
    source: ours,
    description: 'Who executes: `user`, `service` or `agent`.',
  },
  callerId: {
    key: 'caller.id',
    type: 'string',
    stability: 'development',
    source: ours,
    description: 'Id of the principal that executes: the user, the service, or the agent itself.',
  },
  developmentFallback: {
    key: 'execution.obo_dev_fallback',
    type: 'boolean',
    stability: 'development',
    source: ours,
    description: 'Only ever `true`: a user was asked for in development, none was known, the service stands in. Absent everywhere else.',
  },
  callerFor: {
    key: 'tracewright.caller.for',
    type: 'string',
    stability: 'development',
    source: ours,
    description:
      'Id of the user or service at the end of an agent’s chain: for whom the agent acts. Only where `execution.context` is `agent`.',
  },
  callerChain: {
    key: 'tracewright.caller.chain',
    type: 'string[]',
    stability: 'development',
    source: ours,
    description: 'The acting agent first, then each principal it acts for, as `kind:id`. Only where `execution.context` is `agent`.',
  },
  outcome: {
    key: 'tracewright.outcome',
    type: 'string',
    stability: 'development',
    source: ours,
    description:
      'How the work ended. Operation: `error` or `cancelled`, absent on success. Stream, always: `done`, `error`, `aborted`, `timeout`, `consumer_left`, `never_started`.',
  },
  cancelledBy: {
    key: 'tracewright.cancelled_by',
    type: 'string',
    stability: 'development',
    source: ours,
    description: 'Who cancelled: `client`, `timeout`, `shutdown` or `consumer`. Only on cancelled work.',
  },
  linkReason: {
    key: 'tracewright.link.reason',
    type: 'string',
    stability: 'development',
    source: ours,
    description:
      'Why a link is there: `cause` (the span that was active), `producer` (the sender of a message), `shared` (the work of another that was waited for), or `given` by the author.',
  },
  linkSampled: {
    key: 'tracewright.link.sampled',
    type: 'boolean',
    stability: 'development',
    source: ours,
    description: 'The sampling decision of the linked trace, so that linked traces can be kept together.',
  },
  linksDropped: {
    key: 'tracewright.links.dropped',
    type: 'int',
    unit: '1',
    stability: 'development',
    source: ours,
    description: 'How many links did not fit the budget of a span. The cause always fits.',
  },
  streamItems: {
    key: 'tracewright.stream.items',
    type: 'int',
    unit: '1',
    stability: 'development',
    source: ours,
    description: 'Items handed to the consumer.',
  },
  streamFirstItemTime: {
    key: 'tracewright.stream.first_item_time',
    type: 'double',
    unit: 's',
    stability: 'development',
    source: ours,
    description: 'From the first pull to the first item.',
  },
  streamProducerTime: {
    key: 'tracewright.stream.producer_time',
    type: 'double',
    unit: 's',
    stability: 'development',
    source: ours,
    description: 'Time in which the consumer waited for the producer.',
  },
  streamConsumerTime: {
    key: 'tracewright.stream.consumer_time',
    type: 'double',
    unit: 's',
    stability: 'development',
    source: ours,
    description: 'Time in which the producer waited for the consumer to ask for the next item.',
  },
  processNonce: {
    key: 'process.nonce',
    type: 'string',
    stability: 'development',
    source: ours,
    description: 'One value per process, equal to `service.instance.id` of the resource. Switchable.',
  },
  componentName: {
    key: 'component.name',
    type: 'string',
    stability: 'development',
    source: ours,
    description: 'Identity: the component that the work belongs to.',
  },
  componentPath: {
    key: 'component.path',
    type: 'string',
    stability: 'development',
    source: ours,
    description: 'Identity: the path of the lifecycle that the work belongs to, its names joined by `/`.',
  },
  attempt: {
    key: 'tracewright.attempt',
    type: 'int',
    unit: '1',
    stability: 'development',
    source: ours,
    description: 'Which try it is, from 1: of an operation on an `attempt` span, of a message on the span that processes it.',
  },
  attempts: {
    key: 'tracewright.attempts',
    type: 'int',
    unit: '1',
    stability: 'development',
    source: ours,
    description: 'How many tries the operation took. Only where it may be retried.',
  },
  cache: {
    key: 'tracewright.cache',
    type: 'string',
    stability: 'development',
    source: ours,
    description:
      'What the cache of the operation did: `hit`, `miss`, `shared` (waited for the same work of another caller) or `failed` (the store did not answer; the work was done).',
  },
  limitWaitTime: {
    key: 'tracewright.limit.wait_time',
    type: 'double',
    unit: 's',
    stability: 'development',
    source: ours,
    description: 'Time for which the operation waited for its place. Only where it waited.',
  },
  hookName: {
    key: 'tracewright.hook.name',
    type: 'string',
    stability: 'development',
    source: ours,
    description: 'The hook that blocked an operation or failed.',
  },
  blockCode: {
    key: 'tracewright.block.code',
    type: 'string',
    stability: 'development',
    source: ours,
    description: 'The code that a hook gave when it blocked the operation.',
  },
  hookOutcome: {
    key: 'tracewright.hook.outcome',
    type: 'string',
    stability: 'development',
    source: ours,
    description: 'Label of a metric: how a hook failed (`error`, `timeout` or `ignored`).',
  },
  errorType: {
    key: 'error.type',
    type: 'string',
    stability: 'stable',
    source: otel,
    description: 'Code or class of the failure; `span_not_ended` where the owner had to end the span. Only on failed work.',
  },
  exceptionType: {
    key: 'exception.type',
    type: 'string',
    stability: 'stable',
    source: otel,
    description: 'Code or class of the recorded exception; the same value as `error.type`.',
  },
  exceptionMessage: {
    key: 'exception.message',
    type: 'string',
    stability: 'stable',
    source: otel,
    description: 'Message of the recorded exception.',
  },
  exceptionStacktrace: {
    key: 'exception.stacktrace',
    type: 'string',
    stability: 'stable',
    source: otel,
    description: 'Stack of the recorded exception, with the stacks of its causes.',
  },
  serviceInstanceId: {
    key: 'service.instance.id',
    type: 'string',
    stability: 'stable',
    source: otel,
    description: 'On the resource: one value per process.',
  },
  serviceName: {
    key: 'service.name',
    type: 'string',
    stability: 'stable',
    source: otel,
    description: 'On the resource: the logical name of the service.',
  },
  serviceVersion: {
    key: 'service.version',
    type: 'string',
    stability: 'stable',
    source: otel,
    description: 'On the resource: the version of the service.',
  },
  settled: {
    key: 'tracewright.settled',
    type: 'string',
    stability: 'development',
    source: ours,
    description:
      'What became of a message: `ack`, `retry` (it comes again), `dead_letter` or `dropped`. Absent where the broker could not be told.',
  },
  duplicate: {
    key: 'tracewright.duplicate',
    type: 'boolean',
    stability: 'development',
    source: ours,
    description: 'Only ever `true`: the message had been handled before, and its handler was not called.',
  },
  messageAge: {
    key: 'tracewright.message.age',
    type: 'double',
    unit: 's',
    stability: 'development',
    source: ours,
    description: 'How long ago a message had been published when its processing began, by the clocks of both sides.',
  },
  messagingSystem: {
    key: 'messaging.system',
    type: 'string',
    stability: 'development',
    source: otel,
    description: 'The broker: `nats`, `kafka`, `memory`.',
  },
  messagingOperationName: {
    key: 'messaging.operation.name',
    type: 'string',
    stability: 'development',
    source: otel,
    description: 'What is done, as the span is named: `send` or `process`.',
  },
  messagingOperationType: {
    key: 'messaging.operation.type',
    type: 'string',
    stability: 'development',
    source: otel,
    description: 'The kind of operation by the convention: `send` or `process`.',
  },
  messagingDestination: {
    key: 'messaging.destination.name',
    type: 'string',
    stability: 'development',
    source: otel,
    description: 'Where the message was sent: subject, topic or queue.',
  },
  messagingConsumerGroup: {
    key: 'messaging.consumer.group.name',
    type: 'string',
    stability: 'development',
    source: otel,
    description: 'The consumers among whom the messages are shared.',
  },
  messagingMessageId: {
    key: 'messaging.message.id',
    type: 'string',
    stability: 'development',
    source: otel,
    description: 'Id of the message, the same at each delivery.',
  },
  messagingBatchCount: {
    key: 'messaging.batch.message_count',
    type: 'int',
    unit: '1',
    stability: 'development',
    source: otel,
    description: 'How many messages are handled together.',
  },
  messagingPartition: {
    key: 'messaging.destination.partition.id',
    type: 'string',
    stability: 'development',
    source: otel,
    description: 'The part of the destination that the message came from, where the broker has parts.',
  },
  footprintIdentifier: {
    key: 'footprint.identifier',
    type: 'string',
    stability: 'development',
    source: ours,
    description: 'Identity: the footprint that the work was deployed by.',
  },
  footprintRevision: {
    key: 'footprint.revision',
    type: 'int',
    unit: '1',
    stability: 'development',
    source: ours,
    description: 'Identity: which revision of it.',
  },
  footprintSolution: {
    key: 'footprint.solution',
    type: 'string',
    stability: 'development',
    source: ours,
    description: 'Identity: what the footprint is part of, where it says so.',
  },
  footprintName: {
    key: 'footprint.name',
    type: 'string',
    stability: 'development',
    source: ours,
    description: 'What the footprint is called, where it says so.',
  },
  applyStarted: {
    key: 'tracewright.apply.started',
    type: 'string[]',
    stability: 'development',
    source: ours,
    description: 'The instances that came up and had not been there before.',
  },
  applyReplaced: {
    key: 'tracewright.apply.replaced',
    type: 'string[]',
    stability: 'development',
    source: ours,
    description: 'The instances that were ended and started anew, as something of theirs had changed.',
  },
  applyStopped: {
    key: 'tracewright.apply.stopped',
    type: 'string[]',
    stability: 'development',
    source: ours,
    description: 'The instances that were ended, as they are allocated no longer.',
  },
  applyFailed: {
    key: 'tracewright.apply.failed',
    type: 'string[]',
    stability: 'development',
    source: ours,
    description: 'The instances that did not come up.',
  },
} as const satisfies Record<string, AttributeDefinition>;
