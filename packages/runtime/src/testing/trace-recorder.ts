import type { Tracer, TracerProvider } from '@opentelemetry/api';
import type { Finding, RenderOptions, SpanRecord } from '@tracewright/check';
import type { Clock } from '../kernel/clock.ts';
import type { Runtime, RuntimeOptions } from '../runtime.ts';
import type { ProviderOptions } from './recorder-provider.ts';

export interface RecordOptions extends ProviderOptions {
  /** Time of runtimes and of spans that libraries start. Default: the clock of the last runtime made with one, else real time. */
  readonly clock?: Clock;
}

/** Spans of one test, recorded from their start. Nothing global is touched. What was recorded outlives disposal. */
export interface TraceRecorder extends Disposable {
  /** To be given to libraries under test; ids count from 1. */
  readonly provider: TracerProvider;
  /** All spans, finished and open, in start order; copies as they are now, after disposal as they were then. */
  readonly spans: readonly SpanRecord[];
  /** The spans that have not ended, in start order. */
  readonly open: readonly SpanRecord[];
  /** A runtime that records here; closed when the recorder is disposed. */
  runtime(options?: Omit<RuntimeOptions, 'tracerProvider'>): Runtime;
  /** A tracer as a library would have it. */
  tracer(name: string): Tracer;
  /** The whole recording as text trees. */
  render(options?: RenderOptions): string;
  /** What the rules find in the recording as it is now. */
  check(): readonly Finding[];
  /** The finished spans as OTLP protobuf: the bytes that an exporter would send. */
  export(): Uint8Array;
  /**
   * The one span of that name.
   *
   * @throws {TracewrightError} `TW_BAD_OPTION` when there is none or more than one
   */
  find(name: string): SpanRecord;
  /** Declares that the traces are broken on purpose, so that the check after each test lets them pass. */
  expectProblems(): void;
}
