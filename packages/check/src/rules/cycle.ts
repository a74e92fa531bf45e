import { nameSpans, type Rule } from '../rule.ts';

export const cycle: Rule = {
  id: 'S6',
  title: 'cycle',
  severity: 'error',
  why: 'Walking from a span to its parents comes back to the span, so no tree holds it and some viewers fail or never stop.',
  help: 'Look for code that sets parent ids by hand or uses ids again; no SDK makes a circle by itself.',
  *check(trace) {
    for (const root of trace.roots) {
      // One span that is its own parent is S7's case.
      if (root.cycle !== undefined && root.cycle.length > 1) {
        yield { message: `the parents of ${nameSpans(root.cycle)} form a circle`, spans: root.cycle };
      }
    }
  },
};
