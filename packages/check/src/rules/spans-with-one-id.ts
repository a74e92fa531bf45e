import type { SpanRecord } from '../span-record.ts';
import type { Trace } from '../trace-tree.ts';

/** Groups of records of a trace that have the same span id, where there are at least two. */
export function* spansWithOneId(trace: Trace): Generator<readonly SpanRecord[], void, undefined> {
  const recordsById = new Map<string, SpanRecord[]>();
  for (const span of trace.spans) {
    const records = recordsById.get(span.spanId);
    if (records === undefined) recordsById.set(span.spanId, [span]);
    else records.push(span);
  }
  for (const records of recordsById.values()) if (records.length > 1) yield records;
}
