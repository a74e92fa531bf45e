import { Cancellation, cancelled } from './cancellation.ts';
import { isPlainPromise, isThenable, requireFunction, requireSignal } from './check.ts';
import { badOption, TracewrightError } from './errors.ts';
import { openScope, requireRunOptions } from './open-scope.ts';
import { type Operation, type Plan, planOf } from './operation.ts';
import { classify, type Failure } from './outcome.ts';
import type { OwnedStream, StreamBody, StreamOptions, StreamOutcome } from './owned-stream.ts';
import { requirePrincipal } from './principal.ts';
import { readableView } from './readable-view.ts';
import type { RunningScope } from './running-scope.ts';
import { RunningStream } from './running-stream.ts';
import { requireStreamLimits, type StreamLimits } from './stream-limits.ts';
import { hold } from './stream-place.ts';
import { StreamReader } from './stream-reader.ts';
import { openSource, type Producer } from './stream-source.ts';
import type { RunOptions } from './scope.ts';
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
type Method<T> = (input: unknown) => Promise<Result<T>>;

/** `idle`: not pulled yet. `open`: being read. `stopping`: the producer is cleaning up, the outcome is decided. `ended`: the span has ended. */
type State = 'idle' | 'open' | 'stopping' | 'ended';

const finished: Result<never> = Object.freeze({ done: true, value: undefined });

class OperationStream<T> implements OwnedStream<T> {
  readonly #parent: RunningScope;
  readonly #plan: Plan;
  readonly #body: StreamBody<T>;
  readonly #runOptions: RunOptions;
  readonly #limits: StreamLimits;
  /** Stands on that of the scope below which the stream opens; until then on nothing. */
  #cancellation = new Cancellation();
  readonly #madeAt = hold();
  readonly #reader = new StreamReader<T>();
  #state: State = 'idle';
  #outcome: StreamOutcome | undefined;
  /** From the first pull to the end. */
  #running: RunningStream | undefined;
  /** From when the body has given something to iterate. */
  #producer: Producer<T> | undefined;
  /** Ends a stopping stream at once, with the outcome that is decided. */
  #endNow: (() => void) | undefined;
  /** Why the stream stopped, until a consumer has been told. */
  #untold: { readonly error: unknown } | undefined;

  constructor(parent: RunningScope, { operation, body, options = {} }: StreamCall<T>) {
    requireFunction('body', body);
    this.#plan = planOf(operation);
    if (this.#plan.chain !== undefined) throw badOption('operation.interceptors', 'absent on a stream', operation);
    const { timeoutMs, idleTimeoutMs, ...runOptions } = options;
    this.#parent = parent;
    this.#body = body;
    this.#runOptions = runOptions;
    this.#limits = requireStreamLimits({ timeoutMs, idleTimeoutMs });
    requireRunOptions(this.#runOptions);
    if (runOptions.signal !== undefined) requireSignal('signal', runOptions.signal);
    if (runOptions.as !== undefined) requirePrincipal('as', runOptions.as);
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
    const producer = this.#producer;
    if (producer === undefined || this.#state !== 'open' || this.#reader.isAsking) return this.#nextSlowly(input);
    return this.#ask(producer.next, input);
  }

  return(value?: unknown): Promise<Result<T>> {
    if (this.#reader.isAsking) {
      // Its answer is no longer wanted. The producer learns it by the signal, as it cannot be asked twice at once.
      this.#cancellation.abort(this.#left());
      return this.#reader.inTurn(() => this.return(value));
    }
    if (this.#state === 'stopping') return this.#reader.inTurn(() => this.return(value));
    if (this.#state === 'open') return this.#leave(value);
    if (this.#state === 'idle') this.#endUnstarted();
    this.#untold = undefined;
    return Promise.resolve({ done: true, value });
  }

  throw(error?: unknown): Promise<Result<T>> {
    if (this.#reader.isAsking || this.#state === 'stopping') return this.#reader.inTurn(() => this.throw(error));
    if (this.#state === 'idle') this.#endUnstarted();
    if (this.#state === 'ended') return Promise.reject(error);
    const ask = this.#producer?.throw;
    if (ask !== undefined) return this.#ask(ask, error);
    return this.#stop(error).then(() => {
      this.#untold = undefined;
      throw error;
    });
  }

  #nextSlowly(input: unknown): Promise<Result<T>> {
    if (this.#reader.isAsking || this.#state === 'stopping') return this.#reader.inTurn(() => this.next(input));
    if (this.#state === 'idle') return this.#start();
    const untold = this.#untold;
    this.#untold = undefined;
    return untold === undefined ? Promise.resolve(finished) : Promise.reject(untold.error);
  }

  /** Opens the scope, calls the body in it, and pulls the first item. */
  #start(): Promise<Result<T>> {
    let running: RunningStream;
    try {
      running = this.#open();
    } catch (error) {
      this.#state = 'ended';
      return Promise.reject(error);
    }
    const answer = this.#reader.ask();
    running.timing.pulled();
    const { scope, place } = running;
    const pullFrom = (source: unknown): void => {
      if (this.#state !== 'open' || this.#producer !== undefined) {
        closeUnread(source, running);
        return;
      }
      try {
        this.#producer = place.enter((given) => openSource<T>(given, scope.name), undefined, source);
        this.#call(this.#producer.next, undefined);
      } catch (error) {
        this.#onError(error);
      }
    };
    try {
      const source = place.enter(this.#body, undefined, scope);
      // Entered again: a source may begin its work only when it is awaited.
      if (isThenable(source)) void place.enter((given) => given.then(pullFrom, this.#onError), undefined, source);
      else pullFrom(source);
    } catch (error) {
      this.#onError(error);
    }
    return answer;
  }

  #open(): RunningStream {
    return this.#madeAt.runInAsyncScope(() => {
      const parent = this.#parent.ended ? this.#parent.detach() : this.#parent;
      this.#cancellation = new Cancellation(parent.parts.cancellation, this.#runOptions.signal);
      const scope = openScope(parent, this.#plan, { options: this.#runOptions, own: this.#cancellation });
      this.#state = 'open';
      this.#running = new RunningStream(scope, {
        limits: this.#limits,
        isAsked: () => this.#reader.isAsking,
        onCancel: (reason) => void this.#stop(reason),
        onStraggling: () => this.#endWithOwner(),
      });
      return this.#running;
    });
  }

  #ask(method: Method<T>, input: unknown): Promise<Result<T>> {
    const answer = this.#reader.ask();
    this.#running?.timing.pulled();
    this.#call(method, input);
    return answer;
  }

  #call(method: Method<T>, input: unknown): void {
    try {
      const given: unknown = this.#running?.place.enter(method, this.#producer, input);
      const answer = (isPlainPromise(given) ? given : Promise.resolve(given)) as Promise<Result<T>>; // What it gives is checked when it is there.
      answer.then(this.#onResult, this.#onError);
    } catch (error) {
      this.#onError(error);
    }
  }

  readonly #onResult = (result: Result<T>): void => {
    // What a producer still gives after it was stopped is dropped.
    if (this.#state !== 'open') return;
    let withItem: boolean;
    try {
      withItem = !isLast(result, this.#plan.name);
    } catch (error) {
      this.#onError(error);
      return;
    }
    this.#running?.timing.answered(withItem);
    if (!withItem) this.#end('done');
    this.#reader.give(result);
  };

  readonly #onError = (error: unknown): void => {
    if (this.#state === 'stopping') this.#cleanUpFailed(error);
    if (this.#state !== 'open') return;
    this.#running?.timing.answered(false);
    this.#endFailed(error);
    this.#reader.fail(error);
  };

  /** The consumer leaves between two pulls: the producer's clean-up is part of the stream, and waited for. */
  async #leave(value: unknown): Promise<Result<T>> {
    this.#state = 'stopping';
    this.#reader.hold();
    this.#running?.timing.pulled();
    this.#endNow = () => {
      this.#running?.scope.parts.spans.markNotEnded();
      this.#end('consumer_left');
    };
    try {
      await this.#askToReturn(value);
      this.#end('consumer_left');
    } catch (error) {
      this.#endFailed(error);
      throw error;
    } finally {
      this.#cancellation.abort(this.#left());
      this.#reader.letIn();
    }
    return { done: true, value };
  }

  /**
   * Stops for `reason`, that nobody waits for: the producer gets one turn of the event loop to react to its signal and clean up. Then the span ends and
   * the consumer is told.
   */
  async #stop(reason: unknown): Promise<void> {
    if (this.#state === 'stopping') {
      // The reader has left, and the clean-up takes longer than the stream may: it gets a last turn.
      await nextTurn();
      this.#endNow?.();
    }
    if (this.#state !== 'open') return;
    this.#state = 'stopping';
    if (this.#reader.isAsking) this.#running?.timing.answered(false);
    const failure = classify(reason, this.#cancellation);
    this.#endNow = () => this.#endFailed(reason, failure);
    const cleanedUp = this.#askToReturn(undefined).catch((error: unknown) => this.#cleanUpFailed(error));
    await Promise.race([cleanedUp, nextTurn()]);
    const left = failure.outcome === 'cancelled' && failure.by === 'consumer';
    this.#endFailed(reason, failure);
    // A reader that comes back after it was taken to have left must not take what it has for the whole.
    if (!this.#reader.isAsking) this.#untold = { error: reason };
    if (left) this.#reader.give(finished);
    else this.#reader.fail(reason);
  }

  async #askToReturn(value: unknown): Promise<void> {
    const ask = this.#producer?.return;
    if (ask !== undefined) await this.#running?.place.enter(ask, this.#producer, value);
  }

  /** A producer that was told to stop mostly throws the reason, or what stands for it; anything else is a failure of its clean-up, and shown. */
  #cleanUpFailed(error: unknown): void {
    const failure = classify(error, this.#cancellation);
    if (failure.outcome === 'cancelled') return;
    if (this.#running === undefined) reportFault(`cleaning up ${this.#plan.name} failed after its span had ended`, error);
    else this.#running.fail(failure);
  }

  #endFailed(error: unknown, failure: Failure = classify(error, this.#cancellation)): void {
    this.#running?.fail(failure);
    this.#end(streamOutcome(failure));
  }

  #end(outcome: StreamOutcome): void {
    if (this.#running === undefined) return;
    this.#state = 'ended';
    this.#outcome = outcome;
    this.#running.end(outcome);
    this.#running = undefined;
    this.#producer = undefined;
  }

  /** The consumer left before it pulled: the trace shows that there was a stream, and that nobody read it. */
  #endUnstarted(): void {
    try {
      this.#open();
      this.#end('never_started');
    } catch {
      // Its scope was cancelled or closed before the stream was read: there is nothing to show.
      this.#state = 'ended';
    }
    this.#cancellation.release();
  }

  /** The owner ends while the stream is being read: the reader is told, the producer asked to stop. */
  #endWithOwner(): void {
    const error = new TracewrightError('TW_SCOPE_ENDED', `${this.#plan.name} was being read when the operation that owns it ended`, {
      data: { operation: this.#plan.name },
    });
    if (this.#state === 'stopping') {
      this.#endNow?.();
    } else {
      this.#state = 'stopping';
      if (this.#reader.isAsking) this.#running?.timing.answered(false);
      this.#askToReturn(undefined).catch((failure: unknown) => this.#cleanUpFailed(failure));
      this.#running?.scope.parts.spans.markNotEnded();
      this.#end('error');
      if (!this.#reader.isAsking) this.#untold = { error };
    }
    this.#reader.fail(error);
  }

  #left(): TracewrightError {
    return cancelled('consumer', `the consumer of ${this.#plan.name} left`);
  }
}

function streamOutcome(failure: Failure): StreamOutcome {
  if (failure.outcome === 'error') return 'error';
  if (failure.by === 'timeout') return 'timeout';
  return failure.by === 'consumer' ? 'consumer_left' : 'aborted';
}

function isLast(result: unknown, name: string): boolean {
  if (typeof result === 'object' && result !== null) return 'done' in result && Boolean(result.done);
  throw new TracewrightError('TW_NOT_ITERABLE', `the iterator of ${name} gave no result: ${String(result)}`, { data: { operation: name } });
}

/** A source that comes when its stream has ended, or a second one, is asked to close what it holds. */
function closeUnread(source: unknown, { place, scope }: RunningStream): void {
  const close = async (given: unknown): Promise<void> => {
    await openSource(given, scope.name).return?.();
  };
  place.enter(close, undefined, source).catch((error: unknown) => reportFault(`closing what ${scope.name} did not read failed`, error));
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
