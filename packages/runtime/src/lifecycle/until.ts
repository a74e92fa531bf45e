import type { Cancellation } from '../kernel/cancellation.ts';
import { isObject } from '../kernel/check.ts';
import { badOption } from '../kernel/errors.ts';

interface Pull<T> {
  readonly resolve: (result: IteratorResult<T>) => void;
  readonly reject: (error: unknown) => void;
}

/** What ends a loop. */
export interface LoopEnd {
  readonly grace: Cancellation;
  /** @param left settles when the source of a loop that was ended has been left */
  leaving(left: Promise<unknown>): void;
}

/** The items of `source` until `grace` aborts, which ends the loop like the end of the source. */
export function until<T>(source: AsyncIterable<T>, end: LoopEnd): AsyncIterableIterator<T> {
  const given: unknown = source; // From JavaScript it may be anything.
  if (typeof given !== 'object' || given === null || !(Symbol.asyncIterator in given))
    throw badOption('source', 'an async iterable', given);
  return new Until(source, end);
}

class Until<T> implements AsyncIterableIterator<T> {
  readonly #source: AsyncIterable<T>;
  readonly #end: LoopEnd;
  #iterator: AsyncIterator<T> | undefined;
  #unsubscribe: (() => void) | undefined;
  #pull: Pull<T> | undefined;
  /** Of the pull that was made last: overlapping ones are answered in turn. */
  #last: Promise<unknown> | undefined;
  #ended = false;

  constructor(source: AsyncIterable<T>, end: LoopEnd) {
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
    this.#takePull()?.resolve({ done: true, value: undefined });
    return this.#leave(value);
  }

  readonly #again = (): Promise<IteratorResult<T>> => this.#next();

  #next(): Promise<IteratorResult<T>> {
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    // The consumer was busy when the end came: nothing is under way, so the source is left in order.
    if (this.#end.grace.aborted) return this.#leave(undefined);
    this.#iterator ??= this.#source[Symbol.asyncIterator]();
    this.#unsubscribe ??= this.#end.grace.subscribe(this.#onEnd);
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
    try {
      // As the language has it for its own loops.
      if (!isObject(result)) throw new TypeError(`Iterator result ${String(result)} is not an object`);
      if (result.done === true) this.#close();
    } catch (error) {
      this.#onError(error);
      return;
    }
    this.#takePull()?.resolve(result);
  };

  readonly #onError = (error: unknown): void => {
    this.#close();
    this.#takePull()?.reject(error);
  };

  /** A source that is silent may take for ever to answer `return` too: the loop does not wait for that. */
  readonly #onEnd = (): void => {
    const pull = this.#takePull();
    if (pull === undefined) return;
    this.#end.leaving(this.#leave(undefined));
    pull.resolve({ done: true, value: undefined });
  };

  #takePull(): Pull<T> | undefined {
    const pull = this.#pull;
    this.#pull = undefined;
    return pull;
  }

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
