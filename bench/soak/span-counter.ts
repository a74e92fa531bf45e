import type { Context } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base';

/** Counts spans as they start and end, and keeps none: how many are open, in how many traces, and how many the largest trace has had. */
export class SpanCounter implements SpanProcessor {
  readonly #traces = new Map<string, { open: number; spans: number }>();
  started = 0;
  open = 0;
  /** The most spans that one trace has had while any of them was open. */
  largestTrace = 0;
  /** The most traces that were open at once. */
  mostTraces = 0;

  onStart(span: Span, _context: Context): void {
    const { traceId } = span.spanContext();
    let trace = this.#traces.get(traceId);
    if (trace === undefined) this.#traces.set(traceId, (trace = { open: 0, spans: 0 }));
    trace.open += 1;
    trace.spans += 1;
    this.started += 1;
    this.open += 1;
    this.largestTrace = Math.max(this.largestTrace, trace.spans);
    this.mostTraces = Math.max(this.mostTraces, this.#traces.size);
  }

  onEnd(span: ReadableSpan): void {
    const { traceId } = span.spanContext();
    const trace = this.#traces.get(traceId);
    this.open -= 1;
    if (trace === undefined) return;
    trace.open -= 1;
    if (trace.open === 0) this.#traces.delete(traceId);
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}
