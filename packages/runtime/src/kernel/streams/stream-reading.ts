import { isPlainPromise, isThenable } from '../check.ts';
import type { PerItem } from '../interceptor.ts';
import type { StreamOutcome } from './owned-stream.ts';
import type { Scope } from '../scope.ts';
import { inOneTurn } from '../one-turn.ts';
import type { StreamPlace } from './stream-place.ts';
import { closeSource, isLast, openSource, type Producer } from './stream-source.ts';
import { reportFault } from '../telemetry.ts';

type Result<T> = IteratorResult<T, unknown>;
type Method<T> = (input: unknown) => Promise<Result<T>>;

/** The stream that reads. */
export interface ReadingStream<T> {
  readonly name: string;
  /** An item for the consumer. `original` holds what the producer gave, before interceptors changed it. */
  onItem(result: Result<T>, original: Result<T>): void;
  /** The producer has ended, with `reading.last`. */
  onLast(reading: StreamReading<T>): void;
  /** The reading is over; its producer has cleaned up, or has had its time for it. */
  onFailed(reading: StreamReading<T>, error: unknown): void;
  onCleanUpFailed(reading: StreamReading<T>, error: unknown): void;
}

/** Where and how to read. */
export interface ReadingPlan {
  readonly scope: Scope;
  readonly place: StreamPlace;
  readonly perItem: PerItem | undefined;
}

/** `reading`: what the producer gives counts. `closing`: it was asked to return, what it still gives is dropped. `over`: it has nothing to tell any more. */
type Phase = 'reading' | 'closing' | 'over';

/** One reading of the source of a stream, from the call of the body to the end of what it gave. A stream that is retried has several. */
export class StreamReading<T> {
  readonly scope: Scope;
  /** Settles the `next` of the interceptors, where there are any. */
  over: { resolve(outcome: StreamOutcome): void; reject(error: unknown): void } | undefined;
  /** What the producer ended with. */
  last: Result<T> | undefined;
  readonly #stream: ReadingStream<T>;
  readonly #place: StreamPlace;
  readonly #perItem: ((item: T) => T | Promise<T>) | undefined;
  #phase: Phase = 'reading';
  /** From when the body has given something to iterate, until that has ended or was asked to return. */
  #producer: Producer<T> | undefined;
  #closing: Promise<void> | undefined;

  constructor(stream: ReadingStream<T>, { scope, place, perItem }: ReadingPlan) {
    this.scope = scope;
    this.#stream = stream;
    this.#place = place;
    this.#perItem = perItem === undefined ? undefined : (item) => perItem(item, scope);
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** What takes the errors that the consumer throws, where the producer wants any. */
  get thrower(): Method<T> | undefined {
    return this.#producer?.throw;
  }

  /** Calls `body` in its place, opens what it gives, and pulls the first item. */
  start(body: (scope: Scope) => unknown): void {
    if (this.#phase !== 'reading') return;
    try {
      const source = this.#place.enter(body, undefined, this.scope);
      // Entered again: a source may begin its work only when it is awaited.
      if (isThenable(source)) void this.#place.enter((given) => given.then(this.#open, this.#onError), undefined, source);
      else this.#open(source);
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Pulls. Where nothing is read any more, the pull is answered by what comes after the reading. */
  next(input: unknown): void {
    const producer = this.#producer;
    if (producer !== undefined) this.call(producer.next, input);
  }

  call(method: Method<T>, input: unknown): void {
    try {
      const given: unknown = this.#place.enter(method, this.#producer, input);
      const answer = (isPlainPromise(given) ? given : Promise.resolve(given)) as Promise<Result<T>>; // What it gives is checked when it is there.
      answer.then(this.#onResult, this.#onError);
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Drops what is still to come and asks the producer to return, once. Settles when that has cleaned up. */
  close(value?: unknown): Promise<void> {
    return (this.#closing ??= this.#askToReturn(value));
  }

  /** As `close`; the stream is told of what goes wrong. */
  closeQuietly(): Promise<void> {
    return this.close().catch((error: unknown) => this.#stream.onCleanUpFailed(this, error));
  }

  /** Stops for `reason`, that nobody waits for: the producer has one turn of the event loop to clean up. */
  readonly cut = (reason: unknown): void => {
    if (this.#phase === 'reading') void inOneTurn(this.closeQuietly()).then(() => this.#fail(reason));
  };

  /** Has the `next` of the interceptors end because the stream was stopped, or because the consumer has left. */
  settle(stopped: { readonly error: unknown } | undefined): void {
    if (stopped === undefined) this.over?.resolve('consumer_left');
    else this.over?.reject(stopped.error);
  }

  /** The time for cleaning up is over. */
  end(): void {
    this.#phase = 'over';
    this.#producer = undefined;
  }

  #fail(error: unknown): void {
    this.end();
    this.#stream.onFailed(this, error);
  }

  /** A source that comes when its stream has ended, or a second one, is asked to close what it holds. */
  readonly #open = (source: unknown): void => {
    if (this.#phase !== 'reading' || this.#producer !== undefined) {
      const { name } = this.#stream;
      const close = (given: unknown): Promise<void> => closeSource(given, name);
      this.#place.enter(close, undefined, source).catch((error: unknown) => reportFault(`closing what ${name} did not read failed`, error));
      return;
    }
    try {
      this.#producer = this.#place.enter((given) => openSource<T>(given, this.#stream.name), undefined, source);
      this.call(this.#producer.next, undefined);
    } catch (error) {
      this.#onError(error);
    }
  };

  readonly #onResult = (result: Result<T>): void => {
    if (this.#phase !== 'reading') return;
    let last: boolean;
    try {
      last = isLast(result, this.#stream.name);
    } catch (error) {
      this.#onError(error);
      return;
    }
    if (last) {
      this.end();
      this.last = result;
      this.#stream.onLast(this);
    } else if (this.#perItem === undefined) this.#stream.onItem(result, result);
    else this.#change(this.#perItem, result);
  };

  readonly #onError = (error: unknown): void => {
    if (this.#phase === 'reading') this.#fail(error);
    else if (this.#phase === 'closing') this.#stream.onCleanUpFailed(this, error);
  };

  #change(perItem: (item: T) => T | Promise<T>, original: Result<T>): void {
    try {
      const changed = this.#place.enter(perItem, undefined, original.value as T); // It is not the last result.
      if (!isThenable(changed)) {
        this.#give(changed, original);
        return;
      }
      const give = (value: T): void => this.#give(value, original);
      // Entered again, as for the source.
      void this.#place.enter((awaited) => Promise.resolve(awaited).then(give, this.#onRefused), undefined, changed);
    } catch (error) {
      this.#onRefused(error);
    }
  }

  /** Hands on what interceptors made of an item, if nobody has stopped the reading meanwhile. */
  #give(value: T, original: Result<T>): void {
    if (this.#phase === 'reading') this.#stream.onItem({ done: false, value }, original);
  }

  /** An interceptor does not let an item through: nobody has cancelled the producer, so that its clean-up is waited for. */
  readonly #onRefused = (error: unknown): void => {
    if (this.#phase === 'reading') void this.closeQuietly().then(() => this.#fail(error));
    else if (this.#phase === 'closing') this.#stream.onCleanUpFailed(this, error);
  };

  async #askToReturn(value: unknown): Promise<void> {
    const producer = this.#producer;
    if (this.#phase === 'reading') this.#phase = 'closing';
    this.#producer = undefined;
    const ask = producer?.return;
    if (ask !== undefined) await this.#place.enter(ask, producer, value);
  }
}
