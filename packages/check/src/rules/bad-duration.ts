import type { Rule } from '../rule.ts';
import type { SpanRecord } from '../span-record.ts';

export const badDuration: Rule = {
  id: 'C3',
  title: 'bad-duration',
  severity: 'error',
  why: 'A start or an end at zero, or an end before the start, makes durations and orders nonsense for the whole trace.',
  help: 'Let the SDK take the times, or take both from one clock, in the unit that the API asks for.',
  *check(trace) {
    for (const span of trace.spans) {
      const fault = faultOf(span);
      if (fault !== undefined) yield { message: `"${span.name}" ${fault}`, spans: [span] };
    }
  },
};

function faultOf({ startTimeUnixNano, endTimeUnixNano }: SpanRecord): string | undefined {
  if (startTimeUnixNano === 0n) return 'starts at 0';
  if (endTimeUnixNano === undefined) return undefined;
  if (endTimeUnixNano === 0n) return 'ends at 0';
  return endTimeUnixNano < startTimeUnixNano ? `ends ${startTimeUnixNano - endTimeUnixNano} ns before it starts` : undefined;
}
