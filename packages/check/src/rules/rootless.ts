import { nameSpans, type Rule } from '../rule.ts';
import type { Trace } from '../trace-tree.ts';

export const rootless: Rule = {
  id: 'S3',
  title: 'rootless',
  severity: 'error',
  why: 'No span of the trace is without a parent and none was called from another process, so nothing says what the work was or when it began.',
  help: 'End and export the root span; a root that waits for the life of the process belongs split into one root per unit of work.',
  *check(trace) {
    if (hasEntry(trace)) return;
    yield { message: `the trace of ${nameSpans(trace.spans)} has no root`, spans: trace.roots.map((root) => root.span) };
  },
};

function hasEntry({ spans, roots }: Trace): boolean {
  if (spans.some((span) => span.parentSpanId === undefined || span.parentIsRemote === true)) return true;
  // Without the remote bit a missing parent may be in another process: S2 speaks of it, and no error is certain here.
  return roots.some(({ orphan, span }) => orphan && span.parentIsRemote === undefined);
}
