import { nameSpans, type Rule } from '../rule.ts';

export const manyRoots: Rule = {
  id: 'S4',
  title: 'many-roots',
  severity: 'error',
  why: 'Several units of work share one trace id without being caused by one another: readers take one for the root and overlook the rest.',
  help: 'Give each unit of work a trace of its own and link them, or start the later ones inside the first.',
  *check(trace) {
    const roots = trace.spans.filter((span) => span.parentSpanId === undefined);
    const places = new Set(roots.map((span) => span.spanId));
    // One root sent twice, or two roots with one id, is S5's or C2's case.
    if (places.size > 1) yield { message: `the trace has ${places.size} roots: ${nameSpans(roots)}`, spans: roots };
  },
};
