import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const remote = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const traceparent = `00-${remote.traceId}-${remote.spanId}-01`;

test.each([
  ['plain headers', { traceparent }],
  ['a Headers', new Headers({ traceparent })],
  ['a list of values', { traceparent: [traceparent] }],
])('G3: joins the trace of a sender named by %s', async (_, join) => {
  using traces = recordTraces();
  await traces.runtime().run({ name: 'serve', kind: 'server' }, () => 1, { join });
  expect(traces.find('serve')).toMatchObject({
    traceId: remote.traceId,
    parentSpanId: remote.spanId,
    parentIsRemote: true,
    kind: 'SERVER',
  });
});

test('G3: by link, a message is a root of its own that knows its producer and the sampling of its trace', async () => {
  using traces = recordTraces();
  const headers = [{ traceparent }, { traceparent: `00-${remote.traceId}-b7ad6b7169203332-00` }, { traceparent: 'nonsense' }];
  await traces.runtime().run({ name: 'process tickets', kind: 'consumer' }, () => 1, { link: headers });
  const span = traces.find('process tickets');
  expect(span.parentSpanId).toBeUndefined();
  expect(span.traceId).not.toBe(remote.traceId);
  expect(span.links.map(({ spanId, attributes }) => [spanId, attributes])).toEqual([
    [remote.spanId, { 'tracewright.link.reason': 'producer', 'tracewright.link.sampled': true }],
    ['b7ad6b7169203332', { 'tracewright.link.reason': 'producer', 'tracewright.link.sampled': false }],
  ]);
});

test.each([
  ['absent', {}],
  ['of a wrong length', { traceparent: '00-abc-def-01' }],
  ['of zeros', { traceparent: `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01` }],
  ['of the forbidden version', { traceparent: `ff-${remote.traceId}-${remote.spanId}-01` }],
  ['with a tail that version 00 has not', { traceparent: `${traceparent}-more` }],
])('headers that are %s begin a new trace', async (_, join) => {
  using traces = recordTraces();
  await traces.runtime().run('serve', () => 1, { join });
  expect(traces.find('serve').parentSpanId).toBeUndefined();
});

test('headers of a later version are read', async () => {
  using traces = recordTraces();
  await traces.runtime().run('serve', () => 1, { join: { traceparent: `01-${remote.traceId}-${remote.spanId}-01-more` } });
  expect(traces.find('serve').parentSpanId).toBe(remote.spanId);
});

test('what a scope injects, another process can join', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const headers = await runtime.run('send', (scope) => scope.inject({ other: 'kept' }));
  await runtime.run('receive', () => 1, { join: headers });
  expect(headers['other']).toBe('kept');
  expect(traces.find('receive').parentSpanId).toBe(traces.find('send').spanId);
});

test('joining a sender inside an operation keeps a link to that operation', async () => {
  using traces = recordTraces();
  await traces.runtime().run('poll', (scope) => scope.run('handle', () => 1, { join: { traceparent } }));
  expect(traces.find('handle')).toMatchObject({ parentSpanId: remote.spanId, links: [{ spanId: traces.find('poll').spanId }] });
});

test('G10: of too many links the cause stays, and the cut shows', async () => {
  using traces = recordTraces();
  const context = (index: number) => ({ traceId: remote.traceId, spanId: index.toString(16).padStart(16, '0'), traceFlags: 1 });
  const links = Array.from({ length: 200 }, (_, index) => ({ context: context(index + 1) }));
  await traces
    .runtime({ limits: { linksPerSpan: 100 } })
    .run('request', (scope) => scope.run({ name: 'batch', root: true, links }, () => 1));
  const batch = traces.find('batch');
  expect([batch.links.length, batch.links[0]?.spanId, batch.droppedLinksCount, batch.attributes['tracewright.links.dropped']]).toEqual([
    100,
    traces.find('request').spanId,
    0,
    101,
  ]);
});

test('G10: long texts are cut where the cut can be seen', async () => {
  using traces = recordTraces();
  const long = 'x'.repeat(100);
  await traces
    .runtime({ limits: { attributeLength: 10 } })
    .run({ name: 'work', attributes: { start: long } }, (scope) => {
      scope.set({ set: long, list: [long, 'short'] });
      scope.event('happened', { event: long });
      throw new Error(long);
    })
    .catch(() => undefined);
  const { attributes, events } = traces.find('work');
  expect(attributes).toMatchObject({ start: 'xxxxxxxxx…', set: 'xxxxxxxxx…', list: ['xxxxxxxxx…'] });
  expect([events[0]?.attributes['event'], events[1]?.attributes['exception.message']]).toEqual(['xxxxxxxxx…', 'xxxxxxxxx…']);
});

test('G10: an array has the budget of one text', async () => {
  using traces = recordTraces();
  await traces.runtime({ limits: { attributeLength: 20 } }).run('work', (scope) => {
    scope.set({ texts: ['12345678', '12345678', '12345678', 'more'], numbers: [1, 2, 3, 4, 5], few: ['a', 'b'] });
  });
  expect(traces.find('work').attributes).toMatchObject({ texts: ['12345678', '12345678', '123…'], numbers: [1, 2], few: ['a', 'b'] });
});
