import { expect, test } from 'vitest';
import type { SpanRecord } from './span-record.ts';
import { buildTraces, nodesOf, type Trace, type TraceNode } from './trace-tree.ts';

test('spans of each trace id form a trace, ordered by the start of its first span', () => {
  const traces = buildTraces([span('b', { traceId: 'second', start: 2n }), span('a', { traceId: 'first', start: 1n })]);
  expect(traces.map((trace) => [trace.traceId, shapeOf(trace)])).toEqual([
    ['first', ['a']],
    ['second', ['b']],
  ]);
});

test('children are ordered by start, then as they were given', () => {
  const [trace] = buildTraces([
    span('late', { parent: 'root', start: 3n }),
    span('same time, first', { parent: 'root', start: 2n }),
    span('same time, second', { parent: 'root', start: 2n }),
    span('root', { start: 1n }),
  ]);
  expect(shapeOf(trace)).toEqual([{ root: ['same time, first', 'same time, second', 'late'] }]);
});

test('a child of a missing parent becomes a root that is marked, and the parent is named with its children', () => {
  const [trace] = buildTraces([
    span('root', {}),
    span('lost', { parent: 'gone', remote: false }),
    span('lost too', { parent: 'gone', remote: false }),
    span('remote', { parent: 'far', remote: true }),
    span('unknown', { parent: 'somewhere' }),
  ]);
  expect(trace?.roots.map((root) => [root.span.name, root.orphan])).toEqual([
    ['root', false],
    ['lost', true],
    ['lost too', true],
    ['remote', true],
    ['unknown', true],
  ]);
  expect(trace?.missingParents.map(({ children, ...parent }) => [parent, children.map((child) => child.name)])).toEqual([
    [{ spanId: 'gone', isRemote: false }, ['lost', 'lost too']],
    [{ spanId: 'far', isRemote: true }, ['remote']],
    [{ spanId: 'somewhere' }, ['unknown']],
  ]);
});

test('a circle is cut open above the span that started first, and its other spans stay below', () => {
  const [trace] = buildTraces([
    span('c', { parent: 'b', start: 3n }),
    span('a', { parent: 'c', start: 1n }),
    span('b', { parent: 'a', start: 2n }),
    span('leaf', { parent: 'c', start: 4n }),
  ]);
  expect(shapeOf(trace)).toEqual([{ a: [{ b: [{ c: ['leaf'] }] }] }]);
  expect(trace?.roots[0]?.cycle?.map((member) => member.name)).toEqual(['a', 'c', 'b']);
});

test('a span that is its own parent is a circle of one', () => {
  const [trace] = buildTraces([span('self', { parent: 'self' })]);
  expect(trace?.roots[0]?.cycle?.map((member) => member.name)).toEqual(['self']);
});

test('two records of one id are both in the tree, and children hang on the first', () => {
  const [trace] = buildTraces([span('root', {}), { ...span('root', {}), name: 'copy' }, span('child', { parent: 'root' })]);
  expect(shapeOf(trace)).toEqual([{ root: ['child'] }, 'copy']);
});

test('a link finds its target in another trace of the recording, and only there', () => {
  const links = [
    { traceId: 'other', spanId: 'sent', attributes: {} },
    { traceId: 'other', spanId: 'not recorded', attributes: {} },
  ];
  const traces = buildTraces([{ ...span('received', {}), links }, span('sent', { traceId: 'other' })]);
  expect(traces[0]?.roots[0]?.links.map((link) => link.target?.name)).toEqual(['sent', undefined]);
});

test('a chain of twenty thousand spans is built and walked', () => {
  const chain = Array.from({ length: 20_000 }, (_item, index) => span(`${index}`, index === 0 ? {} : { parent: `${index - 1}` }));
  const root = buildTraces(chain)[0]?.roots[0];
  let count = 0;
  if (root !== undefined) for (const _node of nodesOf(root)) count += 1;
  expect(count).toBe(20_000);
});

type Shape = string | { readonly [name: string]: readonly Shape[] };

function shapeOf(trace: Trace | undefined): readonly Shape[] {
  const shape = (node: TraceNode): Shape => (node.children.length === 0 ? node.span.name : { [node.span.name]: node.children.map(shape) });
  return (trace?.roots ?? []).map(shape);
}

interface SpanSketch {
  readonly traceId?: string;
  readonly parent?: string;
  readonly remote?: boolean;
  readonly start?: bigint;
}

/** A span whose id is its name. */
function span(name: string, { traceId = 'trace', parent, remote, start = 1n }: SpanSketch): SpanRecord {
  return {
    traceId,
    spanId: name,
    ...(parent === undefined ? {} : { parentSpanId: parent }),
    ...(remote === undefined ? {} : { parentIsRemote: remote }),
    name,
    kind: 'INTERNAL',
    startTimeUnixNano: start,
    endTimeUnixNano: start + 1n,
    status: { code: 'UNSET' },
    attributes: {},
    events: [],
    links: [],
    scope: { name: 'sample' },
    resource: {},
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
