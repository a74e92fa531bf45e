import type { StreamSource } from './owned-stream.ts';

/** What an interceptor may want to see of a stream. A listener that throws is reported and changes nothing. */
export interface StreamListener {
  /** Called with each item that is handed to the consumer, as the body gave it: before what `perItem` makes of it. */
  item?(item: unknown): void;
}

/** What interceptors know and change of the stream that they are around, beside their `next`; as `streaming` of their scope. */
export interface StreamSeam {
  /** How many items the consumer has got. From the first one on, a `next` that has failed cannot be called again. */
  readonly items: number;
  /** Has the coming call of `next` read `source` in place of what the body would give. */
  replace(source: StreamSource<unknown>): void;
  /** Has `listener` told of each item, until the stream ends. */
  observe(listener: StreamListener): void;
}
