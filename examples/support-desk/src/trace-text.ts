import { buildTraces, describeCaller, renderTraces, type SpanRecord } from '@tracewright/check';
import type { FinishedTrace } from './trace-printer.ts';

export interface TraceTextOptions {
  /** Shows how long the trace took. */
  readonly durations: boolean;
}

/** A finished trace as text: one line that says whose it is, then the tree. */
export function traceText({ spans, linked }: FinishedTrace, { durations }: TraceTextOptions): string {
  const [root] = spans;
  if (root === undefined) return '';
  const parts = [textOf(root, 'service.name'), describeCaller(root.attributes), ticketOf(spans), durations ? durationOf(spans) : undefined];
  const header = parts.filter((part) => part !== undefined).join(' · ');
  // Links find their names among all traces that are given; only the one that was asked for is drawn.
  const trace = buildTraces([...spans, ...linked]).filter(({ traceId }) => traceId === root.traceId);
  const tree = renderTraces(trace, { attributes: ['http.response.status_code'] });
  return `● ${header}\n${tree.replaceAll(/^(?=.)/gm, '  ')}\n`;
}

function ticketOf(spans: readonly SpanRecord[]): string | undefined {
  return spans.map((span) => textOf(span, 'ticket.id')).find((id) => id !== undefined);
}

function textOf({ attributes, resource }: SpanRecord, key: string): string | undefined {
  const value = attributes[key] ?? resource[key];
  return typeof value === 'string' ? value : undefined;
}

function durationOf(spans: readonly SpanRecord[]): string {
  const starts = spans.map((span) => span.startTimeUnixNano);
  const ends = spans.map((span) => span.endTimeUnixNano ?? span.startTimeUnixNano);
  const nanoseconds = ends.reduce((one, other) => (one > other ? one : other)) - starts.reduce((one, other) => (one < other ? one : other));
  return `${(Number(nanoseconds) / 1e6).toFixed(1)} ms`;
}
