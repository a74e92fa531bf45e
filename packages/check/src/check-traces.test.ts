import { expect, test } from 'vitest';
import { checkTraces } from './check-traces.ts';
import type { RuleId } from './rule.ts';
import type { SpanRecord } from './span-record.ts';

const second = 1_000_000_000n;

/** Two linked traces: a request with a query below a handler, and a message that the request sent. */
function cleanRecording(): { root: SpanRecord; handler: SpanRecord; query: SpanRecord; message: SpanRecord } {
  return {
    root: createSpan({ spanId: spanId(1), name: 'GET /orders', kind: 'SERVER' }),
    handler: createSpan({ spanId: spanId(2), parentSpanId: spanId(1), parentIsRemote: false, name: 'handle' }),
    query: createSpan({ spanId: spanId(3), parentSpanId: spanId(2), parentIsRemote: false, name: 'query', kind: 'CLIENT' }),
    message: createSpan({
      traceId: traceId(2),
      spanId: spanId(4),
      name: 'process orders',
      kind: 'CONSUMER',
      links: [{ traceId: traceId(1), spanId: spanId(1), attributes: {} }],
    }),
  };
}

type Recording = ReturnType<typeof cleanRecording>;

function rulesFound(spans: readonly SpanRecord[]): readonly RuleId[] {
  return checkTraces(spans).map((finding) => finding.rule);
}

test('a clean recording has no finding', () => {
  expect(checkTraces(Object.values(cleanRecording()))).toEqual([]);
});

test('no spans have no finding', () => {
  expect(checkTraces([])).toEqual([]);
});

const mutations: readonly { breaks: string; rules: readonly RuleId[]; mutate: (clean: Recording) => readonly SpanRecord[] }[] = [
  { breaks: 'a span between root and leaf is lost', rules: ['S1'], mutate: ({ root, query, message }) => [root, query, message] },
  { breaks: 'a local root is lost', rules: ['S1', 'S3'], mutate: ({ handler, query, message }) => [handler, query, message] },
  {
    breaks: 'the remote parent of an entry span is not recorded',
    rules: ['S2'],
    mutate: ({ root, ...rest }) => [{ ...root, parentSpanId: spanId(99), parentIsRemote: true }, ...Object.values(rest)],
  },
  {
    breaks: 'a parent is lost and the source does not say where it was',
    rules: ['S2'],
    mutate: ({ root, query, message }) => [root, withoutRemoteBit(query), message],
  },
  {
    breaks: 'a root is lost and the source does not say where it was',
    rules: ['S2'],
    mutate: ({ handler, query, message }) => [withoutRemoteBit(handler), query, message],
  },
  {
    breaks: 'a message joins a trace without a parent',
    rules: ['S4'],
    mutate: ({ message, ...rest }) => [...Object.values(rest), { ...message, traceId: traceId(1) }],
  },
  {
    breaks: 'two spans share an id',
    rules: ['S5'],
    mutate: (clean) => [...Object.values(clean), { ...clean.query, name: 'another query' }],
  },
  {
    breaks: 'two spans are one another’s parent beside a good root',
    rules: ['S6'],
    mutate: ({ handler, ...rest }) => [...Object.values(rest), { ...handler, parentSpanId: spanId(3) }],
  },
  {
    breaks: 'the circle holds the whole trace',
    rules: ['S3', 'S6'],
    mutate: ({ root, ...rest }) => [...Object.values(rest), { ...root, parentSpanId: spanId(3), parentIsRemote: false }],
  },
  {
    breaks: 'a span is its own parent',
    rules: ['S7'],
    mutate: ({ query, ...rest }) => [...Object.values(rest), { ...query, parentSpanId: query.spanId }],
  },
  {
    breaks: 'a span id is all zero',
    rules: ['S7'],
    mutate: ({ query, ...rest }) => [...Object.values(rest), { ...query, spanId: '0000000000000000' }],
  },
  {
    breaks: 'a parent id is too short',
    rules: ['S7'],
    mutate: ({ query, ...rest }) => [...Object.values(rest), { ...query, parentSpanId: 'abc' }],
  },
  {
    breaks: 'a trace id is all zero',
    rules: ['S7'],
    mutate: ({ message, ...rest }) => [...Object.values(rest), { ...message, traceId: '0'.repeat(32) }],
  },
  {
    breaks: 'a span starts more than a second after its root has ended',
    rules: ['B5'],
    mutate: ({ query, ...rest }) => [...Object.values(rest), moved(query, 3n * second + 1n)],
  },
  {
    breaks: 'a span is open',
    rules: ['C1'],
    mutate: ({ query, ...rest }) => [...Object.values(rest), withoutEnd(query)],
  },
  {
    breaks: 'a span was told to end twice',
    rules: ['C2'],
    mutate: ({ query, ...rest }) => [...Object.values(rest), { ...query, ends: 2 }],
  },
  {
    breaks: 'a span was exported again with another end',
    rules: ['C2'],
    mutate: (clean) => [...Object.values(clean), { ...clean.query, endTimeUnixNano: 3n * second }],
  },
  {
    breaks: 'a span ends before it starts',
    rules: ['C3'],
    mutate: ({ query, ...rest }) => [...Object.values(rest), { ...query, endTimeUnixNano: query.startTimeUnixNano - 1n }],
  },
  {
    breaks: 'a span starts at zero',
    rules: ['C3'],
    mutate: ({ query, ...rest }) => [...Object.values(rest), { ...query, startTimeUnixNano: 0n }],
  },
  {
    breaks: 'a span ends at zero',
    rules: ['C3'],
    mutate: ({ query, ...rest }) => [...Object.values(rest), { ...query, endTimeUnixNano: 0n }],
  },
  {
    breaks: 'an exception is recorded without a status',
    rules: ['E1'],
    mutate: ({ query, ...rest }) => [
      ...Object.values(rest),
      { ...query, events: [{ name: 'exception', timeUnixNano: second, attributes: {} }] },
    ],
  },
  {
    breaks: 'an error type stands beside the status OK',
    rules: ['E1'],
    mutate: ({ query, ...rest }) => [
      ...Object.values(rest),
      { ...query, attributes: { 'error.type': 'TypeError' }, status: { code: 'OK' } },
    ],
  },
  {
    breaks: 'a server answers 500 without a status',
    rules: ['E1'],
    mutate: ({ root, ...rest }) => [...Object.values(rest), { ...root, attributes: { 'http.response.status_code': 500 } }],
  },
  {
    breaks: 'a client is answered 404 without a status',
    rules: ['E1'],
    mutate: ({ query, ...rest }) => [...Object.values(rest), { ...query, attributes: { 'http.response.status_code': 404 } }],
  },
  {
    breaks: 'the status is ERROR and no type says why',
    rules: ['E2'],
    mutate: ({ query, ...rest }) => [...Object.values(rest), { ...query, status: { code: 'ERROR', message: 'boom' } }],
  },
];

test.each(mutations)('when $breaks, exactly $rules is found', ({ rules, mutate }) => {
  expect(rulesFound(mutate(cleanRecording()))).toEqual(rules);
});

const harmless: readonly { change: string; mutate: (clean: Recording) => readonly SpanRecord[] }[] = [
  { change: 'a span is exported twice unchanged', mutate: (clean) => [...Object.values(clean), { ...clean.query }] },
  { change: 'a root is exported twice unchanged', mutate: (clean) => [...Object.values(clean), { ...clean.root }] },
  {
    change: 'a span starts one second after its root has ended',
    mutate: ({ query, ...rest }) => [...Object.values(rest), moved(query, 3n * second)],
  },
  {
    change: 'a server answers 404',
    mutate: ({ root, ...rest }) => [...Object.values(rest), { ...root, attributes: { 'http.response.status_code': 404 } }],
  },
  {
    change: 'a failure has status and type',
    mutate: ({ query, ...rest }) => [...Object.values(rest), { ...query, status: { code: 'ERROR' }, attributes: { 'error.type': 'E' } }],
  },
];

test.each(harmless)('when $change, nothing is found', ({ mutate }) => {
  expect(rulesFound(mutate(cleanRecording()))).toEqual([]);
});

test('a span that follows a lost local parent is measured by the root of the trace', () => {
  const { root, query, message } = cleanRecording();
  expect(rulesFound([root, moved(query, 4n * second), message])).toEqual(['S1', 'B5']);
});

test('orphans of one missing parent share a finding that names the first', () => {
  const { root, query, message } = cleanRecording();
  const sibling = createSpan({ spanId: spanId(5), parentSpanId: spanId(2), parentIsRemote: false, name: 'second query' });
  expect(checkTraces([root, query, sibling, message])).toEqual([
    {
      rule: 'S1',
      severity: 'error',
      message: '"query", "second query" has a parent of the same process that is not in the trace',
      help: expect.stringContaining('End the parent span on every path'),
      service: 'orders',
      name: 'query',
      traceId: traceId(1),
      spanIds: [spanId(3), spanId(5)],
    },
  ]);
});

test('a severity can be changed, and a rule can be turned off', () => {
  const { query, message } = cleanRecording();
  const findings = checkTraces([query, message], { severities: { S1: 'info', S3: 'off' } });
  expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([['S1', 'info']]);
});

test('a severity for a rule that does not exist is refused by name', () => {
  const severities: Record<string, 'off'> = { S99: 'off' };
  expect(() => checkTraces([], { severities })).toThrow('severities names the rule "S99"');
});

test('a finding on a span without a service says so', () => {
  const [finding] = checkTraces([withoutEnd(createSpan({ resource: {} }))]);
  expect(finding?.service).toBe('unknown_service');
});

function moved(span: SpanRecord, startTimeUnixNano: bigint): SpanRecord {
  return { ...span, startTimeUnixNano, endTimeUnixNano: startTimeUnixNano + second };
}

function withoutEnd({ endTimeUnixNano: _end, ...span }: SpanRecord): SpanRecord {
  return span;
}

function withoutRemoteBit({ parentIsRemote: _isRemote, ...span }: SpanRecord): SpanRecord {
  return span;
}

/** A span from second 1 to second 2 of the first trace. */
function createSpan(differences: Partial<SpanRecord>): SpanRecord {
  return {
    traceId: traceId(1),
    spanId: spanId(1),
    name: 'work',
    kind: 'INTERNAL',
    startTimeUnixNano: second,
    endTimeUnixNano: 2n * second,
    status: { code: 'UNSET' },
    attributes: {},
    events: [],
    links: [],
    scope: { name: 'sample' },
    resource: { 'service.name': 'orders' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ends: 1,
    ...differences,
  };
}

function traceId(number: number): string {
  return number.toString(16).padStart(32, '0');
}

function spanId(number: number): string {
  return number.toString(16).padStart(16, '0');
}
