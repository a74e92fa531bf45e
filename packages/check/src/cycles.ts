import type { SpanRecord } from './span-record.ts';

/**
 * Finds each circle of parents and picks the span at which to cut it open: the one that started first, then the one given first.
 *
 * @returns for each such span, the members of its circle from it upwards, itself first
 */
export function findBrokenCycles(
  spans: readonly SpanRecord[],
  parentOf: (span: SpanRecord) => SpanRecord | undefined,
): ReadonlyMap<SpanRecord, readonly SpanRecord[]> {
  const order = new Map(spans.map((span, index) => [span, index]));
  const seen = new Set<SpanRecord>();
  const cycles = new Map<SpanRecord, readonly SpanRecord[]>();
  for (const start of spans) {
    const path: SpanRecord[] = [];
    let span: SpanRecord | undefined = start;
    while (span !== undefined && !seen.has(span)) {
      seen.add(span);
      path.push(span);
      span = parentOf(span);
    }
    // A span seen on an earlier walk leads to a root or into a circle that is known already; only one on this very path closes a new one.
    const closedAt = span === undefined ? -1 : path.indexOf(span);
    if (closedAt !== -1) {
      const members = startingFirst(path.slice(closedAt), order);
      const first = members[0];
      if (first !== undefined) cycles.set(first, members);
    }
  }
  return cycles;
}

function startingFirst(members: readonly SpanRecord[], order: ReadonlyMap<SpanRecord, number>): readonly SpanRecord[] {
  let firstIndex = 0;
  let first = members[0];
  for (const [index, span] of members.entries()) {
    if (first !== undefined && isBefore(span, first, order)) {
      firstIndex = index;
      first = span;
    }
  }
  return [...members.slice(firstIndex), ...members.slice(0, firstIndex)];
}

function isBefore(one: SpanRecord, other: SpanRecord, order: ReadonlyMap<SpanRecord, number>): boolean {
  if (one.startTimeUnixNano !== other.startTimeUnixNano) return one.startTimeUnixNano < other.startTimeUnixNano;
  return (order.get(one) ?? 0) < (order.get(other) ?? 0);
}
