import type { Rule, Violation } from '../rule.ts';
import type { SpanRecord } from '../span-record.ts';
import { nodesOf, type TraceNode } from '../trace-tree.ts';

const allowedSeconds = 1n;
const nanosecondsPerSecond = 1_000_000_000n;

export const afterRoot: Rule = {
  id: 'B5',
  title: 'after-root',
  severity: 'error',
  why: 'Work that begins more than one second after its root has ended belongs to another unit of work; backends that have closed the trace drop it.',
  help: 'Start such work as a root of its own, linked to the span that caused it, or await it before the root ends.',
  *check(trace) {
    // Once for the trace: a broken one can have as many tops as spans.
    const ownRoot = trace.spans.find((span) => span.parentSpanId === undefined);
    for (const top of trace.roots) yield* lateSpans(top, rootOf(top, ownRoot));
  },
};

/** The span whose end bounds a tree: its own top, unless that top only stands in for one that was lost. */
function rootOf(top: TraceNode, ownRoot: SpanRecord | undefined): SpanRecord | undefined {
  const standsIn = top.cycle !== undefined || (top.orphan && top.span.parentIsRemote === false);
  return standsIn ? ownRoot : top.span;
}

function* lateSpans(top: TraceNode, root: SpanRecord | undefined): Generator<Violation, void, undefined> {
  if (root?.endTimeUnixNano === undefined) return;
  for (const { span } of nodesOf(top)) {
    const lateNano = span.startTimeUnixNano - root.endTimeUnixNano;
    if (lateNano <= allowedSeconds * nanosecondsPerSecond) continue;
    const lateSeconds = Number(lateNano) / Number(nanosecondsPerSecond);
    yield { message: `"${span.name}" starts ${lateSeconds} s after its root "${root.name}" has ended`, spans: [span, root] };
  }
}
