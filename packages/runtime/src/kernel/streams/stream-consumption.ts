import type { Plan } from '../operation.ts';
import type { StreamBody } from './owned-stream.ts';
import type { RunningStream } from './running-stream.ts';
import type { Scope } from '../scope.ts';
import { type ChainedStream, StreamChain, type Thrown } from './stream-chain.ts';
import { type EndingStream, StreamEnd } from './stream-end.ts';
import type { StreamLimits } from './stream-limits.ts';
import { doneEnding } from './stream-outcome.ts';
import { StreamPlace } from './stream-place.ts';
import { StreamReader } from './stream-reader.ts';
import { type ReadingStream, StreamReading } from './stream-reading.ts';
import type { StreamTiming } from './stream-timing.ts';

type Result<T> = IteratorResult<T, unknown>;

/** What is consumed, and how long that may take. */
export interface ConsumptionPlan<T> {
  readonly plan: Plan;
  readonly body: StreamBody<T>;
  readonly limits: StreamLimits;
}

/** The consumption of a stream from its first pull on: each pull is answered with what is read, in the place where the stream was made. */
export class StreamConsumption<T> implements ReadingStream<T>, ChainedStream<T>, EndingStream<T> {
  readonly name: string;
  readonly body: StreamBody<T>;
  readonly reader = new StreamReader<T>();
  readonly end: StreamEnd<T>;
  readonly #plan: Plan;
  readonly #timing: StreamTiming;
  #chain: StreamChain<T> | undefined;
  #reading: StreamReading<T> | undefined;

  constructor(running: RunningStream, { plan, body, limits }: ConsumptionPlan<T>) {
    const end = new StreamEnd(this, running);
    this.name = plan.name;
    this.body = body;
    this.end = end;
    this.#plan = plan;
    this.#timing = running.timing;
    running.watch({
      limits,
      isAsked: () => this.reader.isAsking,
      onCancel: (reason) => void end.stop(reason),
      onStraggling: () => end.endWithOwner(),
    });
  }

  get chain(): StreamChain<T> | undefined {
    return this.#chain;
  }

  get reading(): StreamReading<T> | undefined {
    return this.#reading;
  }

  /** Whether a pull has to wait for its turn. */
  get isBusy(): boolean {
    return this.reader.isAsking || this.end.state === 'stopping';
  }

  /** The first pull: opens the source, or enters the interceptors, whose `next` opens it. */
  start(running: RunningStream): Promise<Result<T>> {
    const answer = this.#ask();
    const { chain, perItem } = this.#plan;
    const { scope, place } = running;
    if (this.end.state !== 'open') return answer;
    if (chain === undefined) {
      this.#reading = new StreamReading(this, { scope, place, perItem });
      this.#reading.start(this.body);
    } else {
      this.#chain = new StreamChain(this, running);
      this.#chain.enter(chain);
    }
    return answer;
  }

  next(input: unknown): Promise<Result<T>> {
    const answer = this.#ask();
    // Where nothing is read, interceptors are at work, and their end answers.
    this.#reading?.next(input);
    return answer;
  }

  throw(error: unknown): Promise<Result<T>> {
    const thrower = this.#reading?.thrower;
    const answer = this.#ask();
    if (thrower === undefined) void this.end.stop(error, false);
    else this.#reading?.call(thrower, error);
    return answer;
  }

  readIn(handed: Scope): StreamReading<T> {
    this.#reading = new StreamReading(this, { scope: handed, place: new StreamPlace(handed), perItem: this.#plan.perItem });
    return this.#reading;
  }

  onItem(result: Result<T>, original: Result<T>): void {
    this.#timing.answered(true);
    if (this.#chain !== undefined) this.#chain.handedOut(original);
    this.reader.give(result);
  }

  onLast(reading: StreamReading<T>): void {
    if (reading.over === undefined) this.end.finish(doneEnding(reading.last));
    else reading.over.resolve('done');
  }

  onFailed(reading: StreamReading<T>, error: unknown): void {
    if (this.#chain !== undefined) this.#chain.fail(reading, error);
    else if (this.end.state === 'open') this.end.fail(error);
  }

  onCleanUpFailed(reading: StreamReading<T>, error: unknown): void {
    this.end.cleanUpFailed(reading, error);
  }

  onUnwound(rejection: Thrown | undefined): void {
    this.end.unwound(rejection);
  }

  release(): void {
    this.#reading?.end();
    this.#reading = undefined;
    this.#chain = undefined;
  }

  #ask(): Promise<Result<T>> {
    const answer = this.reader.ask();
    this.#timing.pulled();
    return answer;
  }
}
