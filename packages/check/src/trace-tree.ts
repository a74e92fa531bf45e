import { findBrokenCycles } from './cycles.ts';
import type { SpanLinkRecord, SpanRecord } from './span-record.ts';

/** A link with the span that it points to, where the recording holds that span. */
export interface TraceLink {
  readonly link: SpanLinkRecord;
  readonly target?: SpanRecord;
}

/** One span in its place in the tree. */
export interface TraceNode {
  readonly span: SpanRecord;
  /** By start time, then in the order given. */
  readonly children: readonly TraceNode[];
  readonly links: readonly TraceLink[];
  /** Whether the span names a parent that is not in the trace; such a node is a root. */
  readonly orphan: boolean;
  /** The spans of the circle that was cut open above this node, this node’s span first; such a node is a root. */
  readonly cycle?: readonly SpanRecord[];
}

/** A span id that spans of a trace name as their parent while no span of the trace has it. */
export interface MissingParent {
  readonly spanId: string;
  /** What its children say of where it is; absent when they do not say. */
  readonly isRemote?: boolean;
  readonly children: readonly SpanRecord[];
}

/** The spans of one trace id, with the trees that they form. */
export interface Trace {
  readonly traceId: string;
  /** By start time, then in the order given. More than one where parents are missing, or where the trace is broken. */
  readonly roots: readonly TraceNode[];
  /** Every span of the trace, in the order given. */
  readonly spans: readonly SpanRecord[];
  readonly missingParents: readonly MissingParent[];
}

interface GrowingNode extends TraceNode {
  readonly children: GrowingNode[];
}

/**
 * Puts spans into traces and trees without losing any: every span given is in exactly one place of one tree, also when its parent is missing, its id
 * is not unique or its ancestors form a circle. Links find their targets in all traces given.
 *
 * @returns traces by the start of their first root, then in the order given
 */
export function buildTraces(spans: Iterable<SpanRecord>): readonly Trace[] {
  const recording = [...spans];
  const spanByKey = new Map<string, SpanRecord>();
  for (const span of recording) {
    const key = keyOf(span);
    if (!spanByKey.has(key)) spanByKey.set(key, span);
  }
  const traces = [...groupBy(recording, (span) => span.traceId)].map(([traceId, members]) => buildTrace(traceId, members, spanByKey));
  return traces.toSorted((one, other) => compareStart(firstStart(one), firstStart(other)));
}

/** The nodes of a tree, each before its children. Terminates at any depth. */
export function* nodesOf(root: TraceNode): Generator<TraceNode, void, undefined> {
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    yield node;
    waiting.push(...node.children.toReversed());
  }
}

function buildTrace(traceId: string, spans: readonly SpanRecord[], spanByKey: ReadonlyMap<string, SpanRecord>): Trace {
  const parentOf = (span: SpanRecord): SpanRecord | undefined =>
    span.parentSpanId === undefined ? undefined : spanByKey.get(`${traceId}/${span.parentSpanId}`);
  const cycles = findBrokenCycles(spans, parentOf);
  const nodeBySpan = new Map<SpanRecord, GrowingNode>();
  for (const span of spans)
    nodeBySpan.set(span, createNode(span, { orphan: isOrphan(span, parentOf(span)), cycle: cycles.get(span), spanByKey }));

  const roots: GrowingNode[] = [];
  for (const [span, node] of nodeBySpan) {
    const parent = node.cycle === undefined ? parentOf(span) : undefined;
    const siblings = (parent === undefined ? undefined : nodeBySpan.get(parent)?.children) ?? roots;
    siblings.push(node);
  }
  for (const node of nodeBySpan.values()) node.children.sort(compareNodes);
  return { traceId, roots: roots.toSorted(compareNodes), spans, missingParents: findMissingParents(spans, parentOf) };
}

interface NodePlace {
  readonly orphan: boolean;
  readonly cycle: readonly SpanRecord[] | undefined;
  readonly spanByKey: ReadonlyMap<string, SpanRecord>;
}

function createNode(span: SpanRecord, { orphan, cycle, spanByKey }: NodePlace): GrowingNode {
  const links = span.links.map((link) => {
    const target = spanByKey.get(keyOf(link));
    return target === undefined ? { link } : { link, target };
  });
  return cycle === undefined ? { span, children: [], links, orphan } : { span, children: [], links, orphan, cycle };
}

function findMissingParents(
  spans: readonly SpanRecord[],
  parentOf: (span: SpanRecord) => SpanRecord | undefined,
): readonly MissingParent[] {
  const orphans = spans.filter((span) => isOrphan(span, parentOf(span)));
  return [...groupBy(orphans, (span) => `${span.parentSpanId}/${span.parentIsRemote}`).values()].map((children) => {
    const { parentSpanId: spanId = '', parentIsRemote: isRemote } = children[0] ?? {};
    return isRemote === undefined ? { spanId, children } : { spanId, isRemote, children };
  });
}

function isOrphan(span: SpanRecord, parent: SpanRecord | undefined): boolean {
  return span.parentSpanId !== undefined && parent === undefined;
}

function keyOf({ traceId, spanId }: { readonly traceId: string; readonly spanId: string }): string {
  return `${traceId}/${spanId}`;
}

function groupBy<T>(items: Iterable<T>, keyOfItem: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOfItem(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function firstStart(trace: Trace): bigint {
  return trace.roots[0]?.span.startTimeUnixNano ?? 0n;
}

function compareNodes(one: TraceNode, other: TraceNode): number {
  return compareStart(one.span.startTimeUnixNano, other.span.startTimeUnixNano);
}

function compareStart(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
