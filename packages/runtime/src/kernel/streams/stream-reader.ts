type Result<T> = IteratorResult<T, unknown>;

/** What a consumer gets at the end, and after it. */
export const finished: Result<never> = Object.freeze({ done: true, value: undefined });

/** The consumer's side of a stream: one pull at a time is under way, further calls wait for their turn. */
export class StreamReader<T> {
  #resolve: ((result: Result<T>) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  readonly #waiting: (() => void)[] = [];
  /** Why the stream ended, while the consumer asked for nothing. */
  #untold: { readonly error: unknown } | undefined;

  /** Whether a pull has not been answered yet. */
  get isAsking(): boolean {
    return this.#resolve !== undefined;
  }

  /** The answer that the consumer gets: given by `give` or `fail`, whichever comes first. */
  ask(): Promise<Result<T>> {
    return new Promise(this.#take);
  }

  give(result: Result<T>): void {
    const resolve = this.#resolve;
    this.#forget();
    resolve?.(result);
    this.letIn();
  }

  fail(error: unknown): void {
    const reject = this.#reject;
    this.#forget();
    reject?.(error);
    this.letIn();
  }

  /** Fails the pull that waits, else the next one: a consumer that comes back must not take what it has for the whole. */
  failOrKeep(error: unknown): void {
    if (!this.isAsking) this.#untold = { error };
    this.fail(error);
  }

  /** The answer to a pull after the end of the stream. */
  afterEnd(): Promise<Result<T>> {
    const untold = this.#untold;
    this.#untold = undefined;
    return untold === undefined ? Promise.resolve(finished) : Promise.reject(untold.error);
  }

  /** For a consumer that does not want to know why the stream ended. */
  forgetWhy(): void {
    this.#untold = undefined;
  }

  /** Makes `call` when what is under way is done. */
  inTurn<R>(call: () => Promise<R>): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        call().then(resolve, reject);
      });
    });
  }

  /** Lets in those who wait, in their order, until one of them has something under way again. Who still has to wait comes back by itself, and after this. */
  letIn(): void {
    for (let left = this.#waiting.length; left > 0 && !this.isAsking; left -= 1) this.#waiting.shift()?.();
  }

  /** Made once: a closure for each pull would cost as much as the pull. */
  readonly #take = (resolve: (result: Result<T>) => void, reject: (error: unknown) => void): void => {
    this.#resolve = resolve;
    this.#reject = reject;
  };

  #forget(): void {
    this.#resolve = undefined;
    this.#reject = undefined;
  }
}
