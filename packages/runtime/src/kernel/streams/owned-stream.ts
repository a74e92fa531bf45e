import type { RunOptions, Scope } from '../scope.ts';

/** What the body of a stream may give: anything that can be iterated, or a promise of it. */
export type StreamSource<T> = AsyncIterable<T> | Iterable<T> | ReadableStream<T>;

/** The body of a stream. It is called at the first pull, in the context of the call that made the stream. */
export type StreamBody<T> = (scope: Scope) => StreamSource<T> | Promise<StreamSource<T>>;

export interface StreamOptions extends RunOptions {
  /**
   * The longest that either side may keep the other waiting, in milliseconds: a producer that is silent for longer times out, a consumer that asks for
   * nothing for longer has left. Default: no limit.
   */
  readonly idleTimeoutMs?: number | undefined;
  /** The longest from the first pull to the end, in milliseconds. Default: no limit. */
  readonly timeoutMs?: number | undefined;
}

/** How a stream ended. `consumer_left`: the reader stopped early, which is no failure. */
export type StreamOutcome = 'done' | 'error' | 'aborted' | 'timeout' | 'consumer_left' | 'never_started';

/**
 * A stream that the runtime owns: one operation, whose span starts with the first pull and ends exactly once, with one of the outcomes, whatever producer
 * and consumer do. Its body runs in the context of the call that made it for every `next`, `return` and `throw`; the consumer's context is untouched.
 *
 * It can be read once, by one consumer, as an async iterable or as a `ReadableStream`. Pulls that overlap are served in turn.
 */
export interface OwnedStream<T> extends AsyncIterableIterator<T, unknown, unknown>, AsyncDisposable {
  /** How it ended; `undefined` until then. */
  readonly outcome: StreamOutcome | undefined;
  next(input?: unknown): Promise<IteratorResult<T, unknown>>;
  /** Leaves the stream; resolves when its producer has cleaned up. */
  return(value?: unknown): Promise<IteratorResult<T, unknown>>;
  throw(error?: unknown): Promise<IteratorResult<T, unknown>>;
  /** The same stream for consumers of web streams; pulls only when it is read, cancels by leaving. */
  toReadableStream(): ReadableStream<T>;
  [Symbol.asyncIterator](): OwnedStream<T>;
}
