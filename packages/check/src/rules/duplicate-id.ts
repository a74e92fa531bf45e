import { nameSpans, type Rule } from '../rule.ts';
import { spansWithOneId } from './spans-with-one-id.ts';

export const duplicateId: Rule = {
  id: 'S5',
  title: 'duplicate-id',
  severity: 'error',
  why: 'Two different spans have the same ids, so their children cannot be told apart and a backend keeps only one of them.',
  help: 'Let the SDK make the ids, and look for an id generator that was seeded or copied with the process.',
  *check(trace) {
    for (const spans of spansWithOneId(trace)) {
      const faces = new Set(spans.map((span) => `${span.startTimeUnixNano} ${span.name}`));
      if (faces.size > 1) yield { message: `${spans.length} different spans share one id: ${nameSpans(spans)}`, spans };
    }
  },
};
