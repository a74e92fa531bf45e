import { Cancellation, cancelled } from './cancellation.ts';
import { requireFunction } from './check.ts';
import { badOption, TracewrightError } from './errors.ts';
import { openScope } from './open-scope.ts';
import { type Operation, type Plan, planOf } from './operation.ts';
import { classify, type Failure } from './outcome.ts';
import type { OwnedStream, StreamBody, StreamOptions, StreamOutcome } from './owned-stream.ts';
import { readableView } from './readable-view.ts';
import type { RunningScope } from './running-scope.ts';
import type { RunOptions } from './scope.ts';
import { openSource, type Producer } from './stream-source.ts';
import { requireStreamLimits, type StreamLimits, watchLimits } from './stream-limits.ts';
import { hold, StreamPlace } from './stream-place.ts';
import { StreamTiming } from './stream-timing.ts';
import { reportFault } from './telemetry.ts';

export interface StreamCall<T> {
  readonly operation: string | Operation;
  readonly body: StreamBody<T>;
  readonly options: StreamOptions | undefined;
}

/** Makes a stream below `parent`. Nothing runs, and no span starts, before it is pulled. */
export function openStream<T>(parent: RunningScope, call: StreamCall<T>): OwnedStream<T> {
  return new OperationStream(parent, call);
}

type Result<T> = IteratorResult<T, unknown>;

/** What a stream holds from its first pull to its end. */
interface Running<T> {
  readonly scope: RunningScope;
  readonly place: StreamPlace;
  readonly timing: StreamTiming;
  producer: Producer<T> | undefined;
  stopWatch: () => void;
}

/** `idle`: not pulled yet. `open`: being read. `stopping`: the producer is cleaning up, the outcome is decided. `ended`: the span has ended. */
type State = 'idle' | 'open' | 'stopping' | 'ended';

const finished: Result<never> = Object.freeze({ done: true, value: undefined });

class OperationStream<T> implements OwnedStream<T> {
  readonly #parent: RunningScope;
  readonly #plan: Plan;
  readonly #body: StreamBody<T>;
  readonly #runOptions: RunOptions;
  readonly #limits: StreamLimits;
  readonly #madeAt = hold();
  readonly #cancellation: Cancellation;
  #state: State = 'idle';
  #outcome: StreamOutcome | undefined;
  #running: Running<T> | undefined;
  /** The pull that the producer has not answered yet. */
  #pull: { resolve(result: Result<T>): void; reject(error: unknown): void } | undefined;
  /** Calls that came while another was under way. */
  readonly #waiting: (() => void)[] = [];
  /** Ends a stopping stream at once, with the outcome that is decided. */
  #endNow: (() => void) | undefined;
  /** Why the stream stopped, until a consumer has been told. */
  #untold: { readonly error: unknown } | undefined;

  constructor(parent: RunningScope, { operation, body, options = {} }: StreamCall<T>) {
    requireFunction('body', body);
    this.#plan = planOf(operation);
    if (this.#plan.chain !== undefined)
      throw badOption('operation.interceptors', 'absent on a stream: interceptors wrap operations', operation);
    const { timeoutMs, idleTimeoutMs, ...runOptions } = options;
    if (options.signal !== undefined && !(options.signal instanceof AbortSignal))
      throw badOption('signal', 'an AbortSignal', options.signal);
    this.#parent = parent;
    this.#body = body;
    this.#runOptions = runOptions;
    this.#limits = requireStreamLimits({ timeoutMs, idleTimeoutMs });
    this.#cancellation = new Cancellation(parent.parts.cancellation, options.signal);
  }

  get outcome(): StreamOutcome | undefined {
    return this.#outcome;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  toReadableStream(): ReadableStream<T> {
    return readableView(this);
  }

  next(input?: unknown): Promise<Result<T>> {
    const running = this.#running;
    if (running?.producer === undefined || this.#state !== 'open' || this.#pull !== undefined) return this.#nextSlowly(input);
    return this.#ask(running, running.producer.next, input);
  }

  return(value?: unknown): Promise<Result<T>> {
    if (this.#pull !== undefined) {
      // Its answer is no longer wanted. The producer learns it by the signal, as it cannot be asked twice at once.
      this.#cancellation.abort(cancelled('consumer', `the consumer of ${this.#plan.name} left`));
      return this.#inTurn(() => this.return(value));
    }
    if (this.#state === 'stopping') return this.#inTurn(() => this.return(value));
    if (this.#state === 'open') return this.#leave(value);
    if (this.#state === 'idle') this.#endUnstarted();
    this.#untold = undefined;
    return Promise.resolve({ done: true, value });
  }

  throw(error?: unknown): Promise<Result<T>> {
    if (this.#pull !== undefined || this.#state === 'stopping') return this.#inTurn(() => this.throw(error));
    if (this.#state === 'idle') this.#endUnstarted();
    const producer = this.#running?.producer;
    if (this.#state === 'ended' || producer === undefined || this.#running === undefined) return Promise.reject(error);
    if (producer.throw !== undefined) return this.#ask(this.#running, producer.throw, error);
    return this.#stop(error).then(() => Promise.reject(error));
  }

  #nextSlowly(input: unknown): Promise<Result<T>> {
    if (this.#pull !== undefined || this.#state === 'stopping') return this.#inTurn(() => this.next(input));
    if (this.#state === 'idle') return this.#start();
    const untold = this.#untold;
    this.#untold = undefined;
    return untold === undefined ? Promise.resolve(finished) : Promise.reject(untold.error);
  }

  #inTurn<R>(call: () => Promise<R>): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        call().then(resolve, reject);
      });
    });
  }

  /** Opens the scope, calls the body in it, and pulls the first item. */
  #start(): Promise<Result<T>> {
    let running: Running<T>;
    try {
      running = this.#madeAt.runInAsyncScope(() => this.#open());
    } catch (error) {
      this.#state = 'ended';
      return Promise.reject(error);
    }
    const answer = this.#expectAnswer(running);
    const { scope, place } = running;
    const open = (source: unknown): void => {
      if (this.#state !== 'open') return;
      try {
        const producer = place.enter((given: unknown) => openSource<T>(given, scope.name), undefined, source);
        running.producer = producer;
        this.#call(running, producer.next, undefined);
      } catch (error) {
        this.#onError(error);
      }
    };
    try {
      const source = place.enter(this.#body, undefined, scope);
      if (isPromise(source)) source.then(open, this.#onError);
      else open(source);
    } catch (error) {
      this.#onError(error);
    }
    return answer;
  }

  #open(): Running<T> {
    const parent = this.#parent.ended ? this.#parent.detach() : this.#parent;
    const scope = openScope(parent, this.#plan, { options: this.#runOptions, own: this.#cancellation });
    this.#state = 'open';
    const timing = new StreamTiming(scope.clock);
    const running: Running<T> = {
      scope,
      place: new StreamPlace(scope),
      timing,
      producer: undefined,
      stopWatch: () => undefined,
    };
    this.#running = running;
    // Taken off again when the span ends, with all that listens to the cancellation.
    this.#cancellation.subscribe((reason) => {
      void this.#stop(reason);
    });
    scope.parts.spans.onStraggling(() => this.#onStraggling(running));
    running.stopWatch = watchLimits(this.#limits, {
      name: scope.name,
      clock: scope.clock,
      idleMs: () => timing.idleMs,
      isAsked: () => this.#pull !== undefined,
      cancel: (reason) => this.#cancellation.abort(reason),
    });
    return running;
  }

  #ask(running: Running<T>, method: (input?: unknown) => Promise<Result<T>>, input: unknown): Promise<Result<T>> {
    const answer = this.#expectAnswer(running);
    this.#call(running, method, input);
    return answer;
  }

  #expectAnswer(running: Running<T>): Promise<Result<T>> {
    running.timing.pulled();
    return new Promise((resolve, reject) => {
      this.#pull = { resolve, reject };
    });
  }

  #call({ place, producer }: Running<T>, method: (input?: unknown) => Promise<Result<T>>, input: unknown): void {
    try {
      place.enter(method, producer, input).then(this.#onResult, this.#onError);
    } catch (error) {
      this.#onError(error);
    }
  }

  readonly #onResult = (result: Result<T>): void => {
    if (this.#state !== 'open') return;
    const withItem = result.done !== true;
    this.#running?.timing.answered(withItem);
    if (!withItem) this.#end('done');
    this.#answer((pull) => pull.resolve(result));
  };

  readonly #onError = (error: unknown): void => {
    if (this.#state === 'stopping') this.#cleanUpFailed(error);
    if (this.#state !== 'open') return;
    this.#running?.timing.answered(false);
    this.#endFailed(error);
    this.#answer((pull) => pull.reject(error));
  };

  #answer(give: (pull: { resolve(result: Result<T>): void; reject(error: unknown): void }) => void): void {
    const pull = this.#pull;
    this.#pull = undefined;
    if (pull !== undefined) give(pull);
    this.#waiting.shift()?.();
  }

  /** The consumer leaves between two pulls. */
  async #leave(value: unknown): Promise<Result<T>> {
    this.#state = 'stopping';
    this.#running?.timing.pulled();
    this.#endNow = () => this.#end('consumer_left');
    try {
      await this.#askToReturn(value);
      this.#end('consumer_left');
    } catch (error) {
      this.#endFailed(error);
      throw error;
    } finally {
      this.#cancellation.abort(cancelled('consumer', `the consumer of ${this.#plan.name} left`));
      this.#answer(() => undefined);
    }
    return { done: true, value };
  }

  async #askToReturn(value: unknown): Promise<void> {
    const running = this.#running;
    if (running?.producer?.return === undefined) return;
    await running.place.enter(running.producer.return, running.producer, value);
  }

  /**
   * Stops for `reason`. A producer that has a pull to answer gets one turn of the event loop to react to its signal and clean up; one that rests between
   * two pulls is asked to return, and waited for. Then the span ends and the consumer is told.
   */
  async #stop(reason: unknown): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'stopping';
    const failure = classify(reason, this.#cancellation);
    this.#endNow = () => this.#endFailed(reason, failure);
    const cleanedUp = this.#askToReturn(undefined).catch((error: unknown) => this.#cleanUpFailed(error));
    await (this.#pull === undefined ? cleanedUp : Promise.race([cleanedUp, nextTurn()]));
    const left = failure.outcome === 'cancelled' && failure.by === 'consumer';
    this.#endFailed(reason, failure);
    if (this.#pull === undefined && !left) this.#untold = { error: reason };
    this.#answer((pull) => (left ? pull.resolve(finished) : pull.reject(reason)));
  }

  /** A producer that was told to stop mostly throws the reason, or what stands for it; anything else is a failure of its clean-up, and shown. */
  #cleanUpFailed(error: unknown): void {
    const failure = classify(error, this.#cancellation);
    if (failure.outcome === 'cancelled') return;
    const running = this.#running;
    if (running === undefined) reportFault(`cleaning up ${this.#plan.name} failed after its span had ended`, error);
    else fail(running.scope, failure);
  }

  #endFailed(error: unknown, failure: Failure = classify(error, this.#cancellation)): void {
    if (this.#state === 'ended') return;
    if (this.#running !== undefined) fail(this.#running.scope, failure);
    this.#end(streamOutcome(failure));
  }

  #end(outcome: StreamOutcome): void {
    const running = this.#running;
    if (this.#state === 'ended' || running === undefined) return;
    this.#state = 'ended';
    this.#outcome = outcome;
    this.#running = undefined;
    running.stopWatch();
    running.scope.parts.spans.end(running.timing.describe(outcome));
  }

  /** The consumer left before it pulled: the trace shows that there was a stream, and that nobody read it. */
  #endUnstarted(): void {
    try {
      this.#madeAt.runInAsyncScope(() => this.#open());
      this.#end('never_started');
    } catch {
      // Its scope was cancelled or closed before the stream was read: there is nothing to show.
      this.#state = 'ended';
    }
    this.#cancellation.release();
  }

  /** The owner has ended while the stream was being read: the reader is told, the producer asked to stop. */
  #onStraggling(running: Running<T>): void {
    const { name, parts } = running.scope;
    const error = new TracewrightError('TW_SCOPE_ENDED', `${name} was being read when the operation that owns it ended`, {
      data: { operation: name },
    });
    if (this.#state === 'stopping') {
      this.#endNow?.();
    } else {
      this.#state = 'stopping';
      this.#askToReturn(undefined).catch((failure: unknown) => this.#cleanUpFailed(failure));
      parts.spans.markNotEnded();
      this.#end('error');
      if (this.#pull === undefined) this.#untold = { error };
    }
    this.#answer((pull) => pull.reject(error));
  }
}

function fail({ parts, context, kernel }: RunningScope, failure: Failure): void {
  parts.spans.fail(failure, context ?? kernel.settings.emptyContext);
}

function streamOutcome(failure: Failure): StreamOutcome {
  if (failure.outcome === 'error') return 'error';
  if (failure.by === 'timeout') return 'timeout';
  return failure.by === 'consumer' ? 'consumer_left' : 'aborted';
}

function isPromise<V>(value: V | PromiseLike<V>): value is PromiseLike<V> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
