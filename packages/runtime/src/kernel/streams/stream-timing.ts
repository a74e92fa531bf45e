import { attributes } from '@tracewright/conventions';
import type { AttributeValues } from '../attributes.ts';
import type { Clock } from '../clock.ts';
import type { StreamOutcome } from './owned-stream.ts';

const msPerSecond = 1000;

/** Whom a stream waited for: the time between a pull and its item is the producer's, the time between an item and the next pull the consumer's. */
export class StreamTiming {
  readonly #clock: Clock;
  #items = 0;
  #firstItemMs: number | undefined;
  #producerMs = 0;
  #consumerMs = 0;
  #last: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#last = clock.monotonic();
  }

  /** How many items the consumer has got. */
  get items(): number {
    return this.#items;
  }

  /** Time since anything happened, in milliseconds. */
  get idleMs(): number {
    return this.#clock.monotonic() - this.#last;
  }

  pulled(): void {
    const now = this.#clock.monotonic();
    this.#consumerMs += now - this.#last;
    this.#last = now;
  }

  /** The producer has answered a pull: with an item, or with its end. */
  answered(withItem: boolean): void {
    const now = this.#clock.monotonic();
    this.#producerMs += now - this.#last;
    this.#last = now;
    if (!withItem) return;
    this.#items += 1;
    this.#firstItemMs ??= this.#producerMs;
  }

  describe(outcome: StreamOutcome): AttributeValues {
    return {
      [attributes.outcome.key]: outcome,
      [attributes.streamItems.key]: this.#items,
      [attributes.streamProducerTime.key]: this.#producerMs / msPerSecond,
      [attributes.streamConsumerTime.key]: this.#consumerMs / msPerSecond,
      ...(this.#firstItemMs === undefined ? {} : { [attributes.streamFirstItemTime.key]: this.#firstItemMs / msPerSecond }),
    };
  }
}
