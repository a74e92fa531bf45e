import { fail } from 'node:assert/strict';
import type { SpanRecord } from '@tracewright/check';

/** What both sides of a case look at in a span. */
export type SeenSpan = Pick<SpanRecord, 'traceId' | 'spanId' | 'parentSpanId' | 'name' | 'attributes' | 'status' | 'links' | 'events'>;

/**
 * The one span of that name.
 *
 * @throws {AssertionError} when there is none or more than one
 */
export function spanNamed(spans: readonly SeenSpan[], name: string): SeenSpan {
  const [found, ...others] = spans.filter((span) => span.name === name);
  if (found === undefined || others.length > 0) fail(`expected one span "${name}" among: ${spans.map((span) => span.name).join(', ')}`);
  return found;
}

/** The name of the parent of each span called `name`: `none` of a root, `missing` where the parent was not recorded. */
export function parentsOf(spans: readonly SeenSpan[], name: string): readonly string[] {
  return spans
    .filter((span) => span.name === name)
    .map(({ traceId, parentSpanId }) => {
      if (parentSpanId === undefined) return 'none';
      return spans.find((span) => span.traceId === traceId && span.spanId === parentSpanId)?.name ?? 'missing';
    });
}

/** The names of the spans that the spans called `name` are linked to; `missing` where one was not recorded. */
export function linkedFrom(spans: readonly SeenSpan[], name: string): readonly string[] {
  const links = spans.filter((span) => span.name === name).flatMap((span) => span.links);
  return links.map((link) => spans.find((span) => span.traceId === link.traceId && span.spanId === link.spanId)?.name ?? 'missing');
}

export function traceCount(spans: readonly SeenSpan[]): number {
  return new Set(spans.map((span) => span.traceId)).size;
}
