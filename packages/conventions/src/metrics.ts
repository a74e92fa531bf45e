/** Every metric that Tracewright writes, once. */
export interface MetricDefinition {
  readonly name: string;
  readonly instrument: 'counter' | 'updowncounter' | 'histogram';
  /** As UCUM; in braces what is counted. */
  readonly unit: string;
  readonly description: string;
}

export const metrics = {
  notEnded: {
    name: 'tracewright.operation.not_ended',
    instrument: 'counter',
    unit: '{operation}',
    description: 'Operations and streams that had not ended when their owner did, and were ended for it.',
  },
  linksDropped: {
    name: 'tracewright.link.dropped',
    instrument: 'counter',
    unit: '{link}',
    description: 'Links that did not fit the budget of their span.',
  },
  faults: {
    name: 'tracewright.telemetry.fault',
    instrument: 'counter',
    unit: '{fault}',
    description:
      'Failures of telemetry that were kept from breaking work: in tracers, processors, loggers, or attributes that could not be read.',
  },
  cacheLookups: {
    name: 'tracewright.cache.lookup',
    instrument: 'counter',
    unit: '{lookup}',
    description: 'Look-ups of caches, by `tracewright.cache`: hit, miss, shared or failed.',
  },
  hookFailures: {
    name: 'tracewright.hook.failure',
    instrument: 'counter',
    unit: '{failure}',
    description:
      'Hooks that threw, took too long or asked for what their mode does not allow, by `tracewright.hook.name` and `tracewright.hook.outcome`.',
  },
  messagesSent: {
    name: 'messaging.client.sent.messages',
    instrument: 'counter',
    unit: '{message}',
    description: 'Messages that a broker was given, by destination; with `error.type` those that it did not take.',
  },
  messagesConsumed: {
    name: 'messaging.client.consumed.messages',
    instrument: 'counter',
    unit: '{message}',
    description: 'Tries to handle a message, by destination, consumer group and `tracewright.settled`: what became of it.',
  },
  processDuration: {
    name: 'messaging.process.duration',
    instrument: 'histogram',
    unit: 's',
    description: 'How long a try to handle a message took, by destination and consumer group; with `error.type` where it failed.',
  },
  messagesInFlight: {
    name: 'tracewright.message.in_flight',
    instrument: 'updowncounter',
    unit: '{message}',
    description: 'Messages that are being handled right now, by destination and consumer group.',
  },
  messageLag: {
    name: 'tracewright.message.lag',
    instrument: 'histogram',
    unit: 's',
    description: 'How old messages were when their handling began, by destination and consumer group: how far consumers are behind.',
  },
} as const satisfies Record<string, MetricDefinition>;
