/** Every metric that Tracewright writes, once. */
export interface MetricDefinition {
  readonly name: string;
  readonly instrument: 'counter';
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
} as const satisfies Record<string, MetricDefinition>;
