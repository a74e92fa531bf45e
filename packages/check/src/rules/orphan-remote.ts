import { nameSpans, type Rule } from '../rule.ts';
import { isSpanId } from './bad-id.ts';

export const orphanRemote: Rule = {
  id: 'S2',
  title: 'orphan-remote',
  severity: 'warning',
  why: 'The parent is in another process or of unknown place: it may only be missing from this recording, or its service loses spans.',
  help: 'Record the calling service as well, or look there for spans that are never exported.',
  *check(trace) {
    for (const { spanId, isRemote, children } of trace.missingParents) {
      if (isRemote === false || !isSpanId(spanId)) continue;
      const where = isRemote === true ? 'of another process' : 'of unknown place';
      yield { message: `${nameSpans(children)} has a parent ${where} that is not in the trace`, spans: children };
    }
  },
};
