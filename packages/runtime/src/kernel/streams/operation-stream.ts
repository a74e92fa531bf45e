import { Cancellation } from '../cancellation.ts';
import { requireFunction, requireSignal } from '../check.ts';
import { openScope, requireRunOptions } from '../open-scope.ts';
import { type Operation, type Plan, planOf } from '../operation.ts';
import type { OwnedStream, StreamBody, StreamOptions, StreamOutcome } from './owned-stream.ts';
import { requirePrincipal } from '../principal.ts';
import { readableView } from './readable-view.ts';
import type { RunningScope } from '../running-scope.ts';
import { RunningStream } from './running-stream.ts';
import type { RunOptions } from '../scope.ts';
import { StreamConsumption } from './stream-consumption.ts';
import { requireStreamLimits, type StreamLimits } from './stream-limits.ts';
import { hold } from './stream-place.ts';
import { finished } from './stream-reader.ts';

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

/** A stream as its consumer has it: remembers where it was made until it is pulled, then lets one call at a time to its consumption. */
class OperationStream<T> implements OwnedStream<T> {
  readonly #parent: RunningScope;
  readonly #plan: Plan;
  readonly #body: StreamBody<T>;
  readonly #runOptions: RunOptions;
  readonly #limits: StreamLimits;
  readonly #madeAt = hold();
  /** From the first pull on. */
  #consumption: StreamConsumption<T> | undefined;
  /** Whether it could not be opened: its scope was cancelled or closed before it was pulled. */
  #isShut = false;

  constructor(parent: RunningScope, { operation, body, options = {} }: StreamCall<T>) {
    requireFunction('body', body);
    this.#plan = planOf(operation);
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
    return this.#consumption?.end.outcome;
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
    const consumption = this.#consumption;
    if (consumption === undefined) return this.#start();
    if (consumption.isBusy) return consumption.reader.inTurn(() => this.next(input));
    return consumption.end.state === 'open' ? consumption.next(input) : consumption.reader.afterEnd();
  }

  return(value?: unknown): Promise<Result<T>> {
    const consumption = this.#consumption ?? this.#leaveUnread();
    if (consumption?.isBusy === true) {
      if (consumption.reader.isAsking) consumption.end.giveUp();
      return consumption.reader.inTurn(() => this.return(value));
    }
    if (consumption?.end.state === 'open') return consumption.end.leave(value);
    consumption?.reader.forgetWhy();
    return Promise.resolve({ done: true, value });
  }

  throw(error?: unknown): Promise<Result<T>> {
    const consumption = this.#consumption ?? this.#leaveUnread();
    if (consumption?.isBusy === true) return consumption.reader.inTurn(() => this.throw(error));
    return consumption?.end.state === 'open' ? consumption.throw(error) : Promise.reject(error);
  }

  #start(): Promise<Result<T>> {
    if (this.#isShut) return Promise.resolve(finished);
    try {
      const running = this.#open();
      this.#consumption = this.#consume(running);
      return this.#consumption.start(running);
    } catch (error) {
      this.#isShut = true;
      return Promise.reject(error);
    }
  }

  /** The consumer left before it pulled: the trace shows that there was a stream, and that nobody read it. */
  #leaveUnread(): StreamConsumption<T> | undefined {
    if (this.#isShut) return undefined;
    try {
      this.#consumption = this.#consume(this.#open());
      this.#consumption.end.end('never_started');
    } catch {
      // Its scope was cancelled or closed before the stream was read: there is nothing to show.
      this.#isShut = true;
    }
    return this.#consumption;
  }

  #consume(running: RunningStream): StreamConsumption<T> {
    return new StreamConsumption(running, { plan: this.#plan, body: this.#body, limits: this.#limits });
  }

  #open(): RunningStream {
    return this.#madeAt.runInAsyncScope(() => {
      const parent = this.#parent.ended ? this.#parent.detach() : this.#parent;
      const own = new Cancellation(parent.parts.cancellation, this.#runOptions.signal);
      return new RunningStream(openScope(parent, this.#plan, { options: this.#runOptions, own }));
    });
  }
}
