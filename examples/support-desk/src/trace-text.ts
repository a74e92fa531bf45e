import { buildTraces, describeCaller, renderTraces, type SpanRecord } from '@tracewright/check';
import type { FinishedTrace } from './trace-printer.ts';

export interface TraceTextOptions {
  /** Shows how long the trace took, and how long a look-up waited for its place. */
  readonly durations: boolean;
}

/** What has a line of its own below a span. The last two are content, or how long it is: they are there only as far as the content policy lets them out. */
const shownAttributes = ['http.response.status_code', 'gen_ai.output.messages', 'gen_ai.output.messages.length'];

/** A finished trace as text: one line that says whose it is, then the tree. */
export function traceText({ spans, linked }: FinishedTrace, { durations }: TraceTextOptions): string {
  const [root] = spans;
  if (root === undefined) return '';
  const about = [textOf(root, 'service.name'), describeCaller(root.attributes), ticketOf(spans), textOf(root, 'component.path')];
  const header = [...about, durations ? durationOf(spans) : undefined].filter((part) => part !== undefined).join(' · ');
  const worded = spans.map((span) => ({ ...span, name: [span.name, ...wordsOf(span, durations)].join('  ') }));
  // Links find their names among all traces that are given; only the one that was asked for is drawn.
  const trace = buildTraces([...worded, ...linked]).filter(({ traceId }) => traceId === root.traceId);
  const tree = renderTraces(trace, { attributes: shownAttributes });
  return `● ${header}\n${tree.replaceAll(/^(?=.)/gm, '  ')}\n`;
}

/** What interceptors tell about an operation, in words that stand beside its name. */
function wordsOf({ attributes }: SpanRecord, durations: boolean): string[] {
  const words: string[] = [];
  const cache = attributes['tracewright.cache'];
  if (typeof cache === 'string') words.push(`cache ${cache}`);
  const attempts = attributes['tracewright.attempts'];
  if (typeof attempts === 'number' && attempts > 1) words.push(`${attempts} attempts`);
  const waited = attributes['tracewright.limit.wait_time'];
  if (typeof waited === 'number') words.push(durations ? `waited ${(waited * 1000).toFixed(1)} ms` : 'waited');
  return words;
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
