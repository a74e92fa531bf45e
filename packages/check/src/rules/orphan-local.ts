import { nameSpans, type Rule } from '../rule.ts';
import { isSpanId } from './bad-id.ts';

export const orphanLocal: Rule = {
  id: 'S1',
  title: 'orphan-local',
  severity: 'error',
  why: 'The parent was lost in its own process: never ended, dropped or filtered out. The subtree hangs in the air, its cause unknown.',
  help: 'End the parent span on every path, flush before the process exits, and let parent and child go through the same sampler and exporter.',
  *check(trace) {
    for (const { spanId, isRemote, children } of trace.missingParents) {
      if (isRemote !== false || !isSpanId(spanId)) continue;
      yield { message: `${nameSpans(children)} has a parent of the same process that is not in the trace`, spans: children };
    }
  },
};
