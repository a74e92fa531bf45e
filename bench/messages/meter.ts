import type { Context, SpanKind } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base';

/** What one message cost, in nanoseconds: of the clock, and of the processor for this process. */
export interface Cost {
  readonly wallNs: number;
  readonly processorNs: number;
}

const nanosPerMicro = 1000;
const nanosPerMs = 1_000_000;

/** Measures from the first message to the end of the last one, whoever counts them. */
export class Meter {
  readonly done: Promise<Cost>;
  readonly #total: number;
  #finish: (cost: Cost) => void = () => undefined;
  #ended = 0;
  #startedAt: number | undefined;
  #startedProcessor = process.cpuUsage();

  constructor(total: number) {
    this.#total = total;
    this.done = new Promise((resolve) => (this.#finish = resolve));
  }

  /** A message is there. What came before the first one (connections, look-ups) is no cost of messages. */
  begun(): void {
    if (this.#startedAt !== undefined) return;
    this.#startedProcessor = process.cpuUsage();
    this.#startedAt = performance.now();
  }

  /** A message is done with: its span has ended, and the broker knows. */
  ended(): void {
    this.#ended += 1;
    if (this.#ended !== this.#total) return;
    const wallMs = performance.now() - (this.#startedAt ?? Number.NaN);
    const { user, system } = process.cpuUsage(this.#startedProcessor);
    this.#finish({ wallNs: (wallMs * nanosPerMs) / this.#total, processorNs: ((user + system) * nanosPerMicro) / this.#total });
  }
}

/** Tells a meter of each message that ends with a span. All variants that have spans have this processor, and no other. */
export class MeteringProcessor implements SpanProcessor {
  readonly #kind: SpanKind;
  meter: Meter | undefined;

  constructor(kind: SpanKind.CONSUMER | SpanKind.PRODUCER) {
    this.#kind = kind;
  }

  onStart(_span: Span, _context: Context): void {}

  onEnd({ kind }: ReadableSpan): void {
    if (kind === this.#kind) this.meter?.ended();
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}
