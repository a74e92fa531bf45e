import type { Rule } from '../rule.ts';
import type { SpanRecord } from '../span-record.ts';
import { spansWithOneId } from './spans-with-one-id.ts';

export const endedTwice: Rule = {
  id: 'C2',
  title: 'ended-twice',
  severity: 'warning',
  why: 'Only the first end counts: whatever the second one meant to record is lost, and two owners believe that the span is theirs.',
  help: 'Let one place own the span, and end it in its `finally` only.',
  *check(trace) {
    for (const span of trace.spans) {
      if (span.ends !== undefined && span.ends > 1) yield { message: `"${span.name}" was ended ${span.ends} times`, spans: [span] };
    }
    for (const records of spansWithOneId(trace)) {
      const first = records[0];
      if (first === undefined) continue;
      const others = records.filter((record) => isSameSpan(record, first) && record.endTimeUnixNano !== first.endTimeUnixNano);
      if (others.length > 0)
        yield { message: `"${first.name}" was exported with ${others.length + 1} different ends`, spans: [first, ...others] };
    }
  },
};

function isSameSpan(one: SpanRecord, other: SpanRecord): boolean {
  return one.name === other.name && one.startTimeUnixNano === other.startTimeUnixNano;
}
