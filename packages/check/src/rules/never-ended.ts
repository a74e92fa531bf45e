import type { Rule } from '../rule.ts';

export const neverEnded: Rule = {
  id: 'C1',
  title: 'never-ended',
  severity: 'error',
  why: 'A span that is not ended is never exported: its time, its attributes and its failure are lost, and its children become orphans.',
  help: 'End the span on every path: return, throw, abort, a stream left early. The span of a body given to `run` or `stream` is ended for you.',
  *check(trace) {
    for (const span of trace.spans) {
      if (span.endTimeUnixNano !== undefined) continue;
      const site = span.createdAt === undefined ? '' : `; it was started at ${span.createdAt}`;
      yield { message: `"${span.name}" never ended${site}`, spans: [span] };
    }
  },
};
