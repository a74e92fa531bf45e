import type { Cancellation } from '../kernel/cancellation.ts';
import { badOption } from '../kernel/errors.ts';
import { reportFault } from '../kernel/telemetry.ts';

interface Pull<T> {
  readonly resolve: (result: IteratorResult<T>) => void;
  readonly reject: (error: unknown) => void;
}

/** The items of `source` until `end` aborts, which ends the loop like the end of the source. */
export function until<T>(source: AsyncIterable<T>, end: Cancellation): AsyncIterableIterator<T> {
  const given: unknown = source; // From JavaScript it may be anything.
  if (typeof given !== 'object' || given === null || !(Symbol.asyncIterator in given))
    throw badOption('source', 'an async iterable', given);
  return new Until(source, end);
}

class Until<T> implements AsyncIterableIterator<T> {
  readonly #source: AsyncIterable<T>;
  readonly #end: Cancellation;
  #iterator: AsyncIterator<T> | undefined;
  #unsubscribe: (() => void) | undefined;
  #pull: Pull<T> | undefined;
  /** Of the pull that was made last: overlapping ones are answered in turn. */
  #last: Promise<unknown> | undefined;
  #ended = false;

  constructor(source: AsyncIterable<T>, end: Cancellation) {
    this.#source = source;
    this.#end = end;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    const answer = this.#pull === undefined ? this.#next() : (this.#last ?? Promise.resolve()).then(this.#again, this.#again);
    this.#last = answer;
    return answer;
  }

  return(value?: unknown): Promise<IteratorResult<T>> {
    return this.#leave(value);
  }

  readonly #again = (): Promise<IteratorResult<T>> => this.#next();

  #next(): Promise<IteratorResult<T>> {
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    // The consumer was busy when the end came: nothing is under way, so the source is left in order.
    if (this.#end.aborted) return this.#leave(undefined);
    this.#iterator ??= this.#source[Symbol.asyncIterator]();
    this.#unsubscribe ??= this.#end.subscribe(this.#onEnd);
    const iterator = this.#iterator;
    return new Promise((resolve, reject) => {
      this.#pull = { resolve, reject };
      try {
        // By contract a promise; by hand-written iterators, anything.
        Promise.resolve(iterator.next()).then(this.#onResult, this.#onError);
      } catch (error) {
        this.#onError(error);
      }
    });
  }

  readonly #onResult = (result: IteratorResult<T>): void => {
    const pull = this.#pull;
    this.#pull = undefined;
    if (result.done === true) this.#close();
    pull?.resolve(result);
  };

  readonly #onError = (error: unknown): void => {
    const pull = this.#pull;
    this.#pull = undefined;
    this.#close();
    pull?.reject(error);
  };

  /** A source that is silent may take for ever to answer `return` too: it is asked, and not waited for. */
  readonly #onEnd = (): void => {
    const pull = this.#pull;
    if (pull === undefined) return;
    this.#pull = undefined;
    this.#leave(undefined).catch((error: unknown) => reportFault('leaving a source failed', error));
    pull.resolve({ done: true, value: undefined });
  };

  async #leave(value: unknown): Promise<IteratorResult<T>> {
    const iterator = this.#ended ? undefined : this.#iterator;
    this.#close();
    await iterator?.return?.();
    return { done: true, value };
  }

  #close(): void {
    this.#ended = true;
    this.#unsubscribe?.();
  }
}
