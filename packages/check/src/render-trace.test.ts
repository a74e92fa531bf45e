import { attributes as keys } from '@tracewright/conventions';
import { expect, test } from 'vitest';
import { renderTraces } from './render-trace.ts';
import type { SpanRecord } from './span-record.ts';
import { buildTraces } from './trace-tree.ts';

const ada = { [keys.executionContext.key]: 'user', [keys.callerId.key]: 'ada' };
const bot = { [keys.executionContext.key]: 'agent', [keys.callerId.key]: 'bot', [keys.callerFor.key]: 'ada' };
const fallback = { [keys.executionContext.key]: 'service', [keys.callerId.key]: 'billing', [keys.developmentFallback.key]: true };

const recording = [
  span('GET /orders', {
    kind: 'SERVER',
    status: { code: 'ERROR' },
    attributes: { ...ada, [keys.errorType.key]: 'TW_TIMEOUT', [keys.outcome.key]: 'cancelled', [keys.cancelledBy.key]: 'timeout' },
    events: [
      { name: 'cache.miss', timeUnixNano: 1n, attributes: {} },
      {
        name: 'exception',
        timeUnixNano: 1n,
        attributes: { [keys.exceptionType.key]: 'TW_TIMEOUT', [keys.exceptionMessage.key]: 'no answer\nin 20 ms' },
      },
    ],
  }),
  span('load', { parentSpanId: 'GET /orders', attributes: { ...ada, rows: 3 } }),
  span('query', { parentSpanId: 'load', kind: 'CLIENT', attributes: bot, status: { code: 'OK' } }),
  span('render', { parentSpanId: 'GET /orders', attributes: fallback, ends: 2 }),
  span('process orders', {
    traceId: 'message',
    kind: 'CONSUMER',
    startTimeUnixNano: 2_000_000n,
    links: [
      { traceId: 'request', spanId: 'load', attributes: { [keys.linkReason.key]: 'producer' } },
      { traceId: 'request', spanId: 'aaaaaaaa00000007', attributes: {} },
    ],
  }),
];

test('a recording is drawn with kinds, outcomes, callers, links, events and exceptions', () => {
  expect(renderTraces(buildTraces(recording))).toMatchInlineSnapshot(`
    "GET /orders  SERVER  ERROR TW_TIMEOUT  outcome cancelled  cancelled by timeout  user ada
    │  · cache.miss
    │  ✗ TW_TIMEOUT: no answer\\nin 20 ms
    ├─ load
    │  └─ query  CLIENT  OK  agent bot for ada
    └─ render  (ended 2 times)  service billing (development fallback)

    process orders  CONSUMER
       → link to load (producer)
       → link to 00000007"
  `);
});

test('durations and chosen attributes are shown when asked for', () => {
  const options = { durations: true, attributes: ['rows', keys.callerId.key, 'absent'], caller: false };
  expect(renderTraces(buildTraces(recording.slice(1, 3)), options)).toMatchInlineSnapshot(`
    "load  (orphan)  1.5 ms
    │  caller.id = "ada"
    │  rows = 3
    └─ query  CLIENT  OK  1.5 ms
          caller.id = "bot""
  `);
});

test('all attributes are shown in the order of their keys', () => {
  const values = span('values', { attributes: { text: 'a\nb', list: ['x', 1], big: 12n, absent: undefined } });
  expect(renderTraces(buildTraces([values]), { attributes: 'all' })).toMatchInlineSnapshot(`
    "values
       absent = undefined
       big = "12"
       list = ["x",1]
       text = "a\\nb""
  `);
});

test('what is broken stays visible', () => {
  const broken = [
    withoutEnd(span('open', {})),
    span('orphan', { parentSpanId: 'gone', parentIsRemote: false }),
    span('entry', { parentSpanId: 'far', parentIsRemote: true }),
    span('egg', { parentSpanId: 'hen' }),
    span('hen', { parentSpanId: 'egg' }),
  ];
  expect(renderTraces(buildTraces(broken))).toMatchInlineSnapshot(`
    "open  (not ended)
    orphan  (orphan)
    entry  (remote parent)
    egg  (cycle: its parent is below it)
    └─ hen"
  `);
});

test('a child without a caller below a parent with one says so', () => {
  const bare = span('bare', { parentSpanId: 'GET /orders' });
  expect(renderTraces(buildTraces([span('GET /orders', { attributes: ada }), bare]))).toMatchInlineSnapshot(`
    "GET /orders  user ada
    └─ bare  no caller"
  `);
});

test('control characters in names cannot break a line', () => {
  expect(renderTraces(buildTraces([span('one\ntwo\u2028\u009b', {})]))).toBe('one\\ntwo\\u2028\\u009b');
});

test('no traces give an empty string', () => {
  expect(renderTraces([])).toBe('');
});

/** A span whose id is its name, from millisecond 1 to millisecond 2.5. */
function span(name: string, differences: Partial<SpanRecord>): SpanRecord {
  return {
    traceId: 'request',
    spanId: name,
    name,
    kind: 'INTERNAL',
    startTimeUnixNano: 1_000_000n,
    endTimeUnixNano: 2_500_000n,
    status: { code: 'UNSET' },
    attributes: {},
    events: [],
    links: [],
    scope: { name: 'sample' },
    resource: {},
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...differences,
  };
}

function withoutEnd({ endTimeUnixNano: _end, ...rest }: SpanRecord): SpanRecord {
  return rest;
}
