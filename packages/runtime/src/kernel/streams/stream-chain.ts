import type { Chain } from '../interceptor.ts';
import type { StreamOutcome, StreamSource } from './owned-stream.ts';
import { RunningScope } from '../running-scope.ts';
import type { RunningStream } from './running-stream.ts';
import type { Scope } from '../scope.ts';
import { scopeEnded } from './stream-outcome.ts';
import type { StreamReading } from './stream-reading.ts';
import type { StreamListener, StreamSeam } from './stream-seam.ts';
import { reportFault } from '../telemetry.ts';

/** The stream around whose consumption interceptors are. */
export interface ChainedStream<T> {
  /** A reading in `handed`, that is not started yet. */
  readIn(handed: Scope): StreamReading<T>;
  readonly body: (scope: Scope) => unknown;
  /** The interceptors have settled: with a rejection, or well. */
  onUnwound(rejection: Thrown | undefined): void;
}

/** What was thrown; a value of its own, as `undefined` can be thrown too. */
export interface Thrown {
  readonly error: unknown;
}

/** The interceptors around the consumption of one stream, from its first pull to its end. Each call of their `next` is one reading of the source. */
export class StreamChain<T> implements StreamSeam {
  readonly #stream: ChainedStream<T>;
  readonly #running: RunningStream;
  #listeners: StreamListener[] | undefined;
  #replacement: { readonly source: StreamSource<unknown> } | undefined;
  /** Why the last reading failed. */
  #failed: Thrown | undefined;
  /** Why nothing is read any more. */
  #refused: Thrown | undefined;
  #settle: () => void = () => undefined;
  #rejection: Thrown | undefined;
  #hasSettled = false;
  /** Resolves when the interceptors have settled, whichever way. */
  readonly settled = new Promise<void>((resolve) => {
    this.#settle = resolve;
  });

  constructor(stream: ChainedStream<T>, running: RunningStream) {
    this.#stream = stream;
    this.#running = running;
  }

  get items(): number {
    return this.#running.timing.items;
  }

  /** What the interceptors rejected with, once they have. */
  get rejection(): Thrown | undefined {
    return this.#rejection;
  }

  replace(source: StreamSource<unknown>): void {
    this.#replacement = { source };
  }

  observe(listener: StreamListener): void {
    (this.#listeners ??= []).push(listener);
  }

  enter(chain: Chain): void {
    const { scope, place } = this.#running;
    scope.parts.spans.streaming = this;
    const around = async (): Promise<void> => {
      await chain(scope, this.#next);
    };
    place.enter(around, undefined, undefined).then(
      () => this.#unwound(undefined),
      (error: unknown) => this.#unwound({ error }),
    );
  }

  /** Tells those who observe the stream of an item. */
  handedOut(result: IteratorResult<T, unknown>): void {
    if (this.#listeners === undefined) return;
    for (const listener of this.#listeners) {
      try {
        listener.item?.(result.value);
      } catch (error) {
        reportFault('a listener of a stream failed', error);
      }
    }
  }

  /** Has `next` reject with `error`, where it was called for this reading. */
  fail(reading: StreamReading<T>, error: unknown): void {
    this.#failed = { error };
    reading.over?.reject(error);
  }

  /** From now on, `next` rejects with `error` at once. The first reason stays. */
  refuse(error: unknown): void {
    this.#refused ??= { error };
  }

  readonly #next = (handed: Scope): Promise<StreamOutcome> => {
    const refused = this.#whyNot();
    if (refused !== undefined) return Promise.reject(refused.error);
    try {
      return this.#read(handed);
    } catch (error) {
      return Promise.reject(error);
    }
  };

  #whyNot(): Thrown | undefined {
    if (this.#refused !== undefined) return this.#refused;
    const { name } = this.#running.scope;
    if (this.#hasSettled) return this.#rejection ?? { error: scopeEnded(name, `${name} was read after its interceptors had settled`) };
    // What the consumer has got cannot be taken back, so that a stream can only be begun again as long as it has got nothing.
    return this.items > 0 ? this.#failed : undefined;
  }

  #read(handed: Scope): Promise<StreamOutcome> {
    const { scope } = this.#running;
    const reading = this.#stream.readIn(handed);
    const over = new Promise<StreamOutcome>((resolve, reject) => {
      reading.over = { resolve, reject };
    });
    if (handed instanceof RunningScope && handed !== scope) {
      scope.handed = handed;
      const unsubscribe = handed.parts.cancellation.subscribe(reading.cut);
      over.then(unsubscribe, unsubscribe);
    }
    const replacement = this.#replacement;
    this.#replacement = undefined;
    reading.start(replacement === undefined ? this.#stream.body : () => replacement.source);
    return over;
  }

  #unwound(rejection: Thrown | undefined): void {
    this.#rejection = rejection;
    this.#hasSettled = true;
    this.#settle();
    this.#stream.onUnwound(rejection);
  }
}
