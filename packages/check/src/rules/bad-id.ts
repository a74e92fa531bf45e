import type { Rule } from '../rule.ts';
import type { SpanRecord } from '../span-record.ts';

export const badId: Rule = {
  id: 'S7',
  title: 'bad-id',
  severity: 'error',
  why: 'An id that is not 16 or 8 bytes, is all zero, or is its own parent is refused by backends, or makes the span impossible to place.',
  help: 'Let the SDK make the ids; check propagators and id generators of your own against the W3C trace context.',
  *check(trace) {
    for (const span of trace.spans) {
      const faults = [...faultsOf(span)];
      if (faults.length > 0) yield { message: `"${span.name}" has ${faults.join(' and ')}`, spans: [span] };
    }
  },
};

/** Whether an id is 8 bytes of lower-case hex and not all zero. */
export function isSpanId(id: string): boolean {
  return /^[0-9a-f]{16}$/.test(id) && !/^0+$/.test(id);
}

function isTraceId(id: string): boolean {
  return /^[0-9a-f]{32}$/.test(id) && !/^0+$/.test(id);
}

function* faultsOf({ traceId, spanId, parentSpanId }: SpanRecord): Generator<string, void, undefined> {
  if (!isTraceId(traceId)) yield `the trace id "${traceId}"`;
  if (!isSpanId(spanId)) yield `the span id "${spanId}"`;
  if (parentSpanId === undefined) return;
  if (parentSpanId === spanId) yield 'itself as its parent';
  else if (!isSpanId(parentSpanId)) yield `the parent id "${parentSpanId}"`;
}
