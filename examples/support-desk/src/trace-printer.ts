import { TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SpanRecord } from '@tracewright/check';
import { toSpanRecord } from 'tracewright/testing';

/** A trace that is complete, and the spans of other traces that it is linked to. */
export interface FinishedTrace {
  /** Counts traces by the start of their first span. */
  readonly number: number;
  readonly spans: readonly SpanRecord[];
  readonly linked: readonly SpanRecord[];
}

interface GrowingTrace {
  readonly number: number;
  readonly traceId: string;
  /** In the order in which they were started. */
  readonly spans: ReadableSpan[];
  open: number;
}

/** How many finished traces are kept, so that the links of later ones can be named. */
const maxKept = 200;

/**
 * Collects spans until the last open one of their trace has ended, then gives the trace away as a whole. A trace that is continued later, by another
 * request of the same remote caller, is given away once more with what is new.
 */
export class TracePrinter implements SpanProcessor {
  readonly #growing = new Map<string, GrowingTrace>();
  readonly #finished: GrowingTrace[] = [];
  readonly #print: (trace: FinishedTrace) => void;
  #waiting: (() => void)[] = [];
  #started = 0;

  constructor(print: (trace: FinishedTrace) => void) {
    this.#print = print;
  }

  /** How many spans have not ended. */
  get open(): number {
    let open = 0;
    for (const trace of this.#growing.values()) open += trace.open;
    return open;
  }

  /** Resolves when no span is open. */
  idle(): Promise<void> {
    return this.#growing.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  onStart(span: ReadableSpan): void {
    const { traceId } = span.spanContext();
    const trace = this.#growing.get(traceId) ?? this.#grow(traceId);
    trace.spans.push(span);
    trace.open += 1;
  }

  onEnd(span: ReadableSpan): void {
    const trace = this.#growing.get(span.spanContext().traceId);
    if (trace === undefined) return;
    trace.open -= 1;
    if (trace.open > 0) return;
    this.#growing.delete(trace.traceId);
    this.#finished.push(trace);
    if (this.#finished.length > maxKept) this.#finished.shift();
    const sampled = trace.spans.filter(isSampled);
    if (sampled.length > 0)
      this.#print({ number: trace.number, spans: sampled.map((each) => toSpanRecord(each)), linked: this.#linkedTo(trace) });
    if (this.#growing.size === 0) for (const wake of this.#waiting.splice(0)) wake();
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  #grow(traceId: string): GrowingTrace {
    this.#started += 1;
    const trace: GrowingTrace = { number: this.#started, traceId, spans: [], open: 0 };
    this.#growing.set(traceId, trace);
    return trace;
  }

  #linkedTo({ spans }: GrowingTrace): SpanRecord[] {
    const known = [...this.#finished, ...this.#growing.values()].flatMap((trace) => trace.spans);
    const wanted = new Set(spans.flatMap(({ links }) => links.map(({ context }) => context.spanId)));
    return known.filter((span) => wanted.has(span.spanContext().spanId)).map((span) => toSpanRecord(span));
  }
}

/** What is not sampled is not exported either. */
function isSampled(span: ReadableSpan): boolean {
  return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
}
