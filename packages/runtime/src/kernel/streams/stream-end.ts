import { type Cancellation, cancelled } from '../cancellation.ts';
import type { TracewrightError } from '../errors.ts';
import { classify, type Failure } from '../outcome.ts';
import type { StreamOutcome } from './owned-stream.ts';
import { RunningScope } from '../running-scope.ts';
import type { RunningStream } from './running-stream.ts';
import type { StreamChain, Thrown } from './stream-chain.ts';
import { inOneTurn, nextTurn } from '../one-turn.ts';
import { doneEnding, failedEnding, scopeEnded, type StreamEnding, stoppedEnding } from './stream-outcome.ts';
import type { StreamReader } from './stream-reader.ts';
import type { StreamReading } from './stream-reading.ts';
import { reportFault } from '../telemetry.ts';

type Result<T> = IteratorResult<T, unknown>;

/** What has to unwind before a stream ends. */
export interface EndingStream<T> {
  readonly name: string;
  readonly reader: StreamReader<T>;
  readonly chain: StreamChain<T> | undefined;
  readonly reading: StreamReading<T> | undefined;
  /** The span has ended: nothing is read any more. */
  release(): void;
}

/** `open`: being read. `stopping`: how it ends is decided, producer and interceptors unwind. `ended`: the span has ended. */
export type StreamState = 'open' | 'stopping' | 'ended';

/** The end of a stream. Whatever comes first decides the outcome: its last item, an error, an abort, a limit, a consumer that leaves, an owner that ends. */
export class StreamEnd<T> {
  readonly #stream: EndingStream<T>;
  readonly #cancellation: Cancellation;
  /** Until the span has ended. */
  #running: RunningStream | undefined;
  #state: StreamState = 'open';
  #outcome: StreamOutcome | undefined;
  /** Ends a stopping stream at once, with what is decided. */
  #endNow: (() => void) | undefined;

  constructor(stream: EndingStream<T>, running: RunningStream) {
    this.#stream = stream;
    this.#running = running;
    this.#cancellation = running.scope.parts.cancellation;
  }

  get state(): StreamState {
    return this.#state;
  }

  get outcome(): StreamOutcome | undefined {
    return this.#outcome;
  }

  /** Ends the span, then tells the consumer. */
  finish({ outcome, failure, answer }: StreamEnding<T>): void {
    if (this.#running === undefined) return;
    const { reader } = this.#stream;
    if (reader.isAsking) this.#running.timing.answered(false);
    this.end(outcome, failure);
    if ('result' in answer) reader.give(answer.result);
    else reader.failOrKeep(answer.error);
  }

  fail(error: unknown): void {
    this.finish(failedEnding(this.#classify(error)));
  }

  end(outcome: StreamOutcome, failure?: Failure): void {
    if (this.#running === undefined) return;
    this.#state = 'ended';
    this.#outcome = outcome;
    if (failure !== undefined) this.#running.fail(failure);
    this.#stream.release();
    this.#running.end(outcome);
    this.#running = undefined;
    this.#endNow = undefined;
  }

  /**
   * Stops for `reason`, that nobody waits for: the producer gets one turn of the event loop to react to its signal and clean up, then the interceptors get one
   * to unwind. Then the span ends and the consumer is told.
   *
   * @param isPull whether the call of the consumer that waits is a pull, which simply ends where the consumer has left
   */
  async stop(reason: unknown, isPull = this.#stream.reader.isAsking): Promise<void> {
    if (this.#endNow !== undefined) {
      // What unwinds takes longer than the stream may: it gets a last turn.
      await nextTurn();
      this.#endNow?.();
    }
    if (this.#state !== 'open') return;
    const { reading, chain } = this.#stream;
    const stopped = this.#decide(stoppedEnding(this.#classify(reason), isPull));
    chain?.refuse(reason);
    if (reading !== undefined) await inOneTurn(reading.closeQuietly());
    reading?.settle(stopped.outcome === 'consumer_left' ? undefined : { error: reason });
    if (chain !== undefined) await inOneTurn(chain.settled);
    const rejection = chain?.rejection;
    this.finish(rejection === undefined ? stopped : stoppedEnding(this.#classify(rejection.error), isPull));
  }

  /** The pull that waits is no longer wanted. The producer learns it by its signal, as it cannot be asked twice at once. */
  giveUp(): void {
    this.#cancellation.abort(this.#left());
  }

  /** The consumer leaves between two pulls: that producer and interceptors unwind is part of the stream, and waited for. */
  async leave(value: unknown): Promise<Result<T>> {
    const { reader, reading } = this.#stream;
    this.#state = 'stopping';
    this.#running?.timing.pulled();
    const ended = new Promise<void>((resolve) => {
      this.#endNow = () => {
        reading?.settle(undefined);
        this.#running?.scope.parts.spans.markNotEnded();
        this.end('consumer_left');
        resolve();
      };
    });
    try {
      await Promise.race([this.#unwind(value), ended]);
      this.#abort(this.#left());
      this.end('consumer_left');
      return { done: true, value };
    } catch (error) {
      const { outcome, failure } = failedEnding(this.#classify(error));
      this.#abort(this.#left());
      this.end(outcome, failure);
      throw error;
    } finally {
      reader.letIn();
    }
  }

  /** The owner ends while the stream is being read: its signal aborts, producer and interceptors are asked to stop, the consumer is told. */
  endWithOwner(): void {
    const { name, reading, chain } = this.#stream;
    const error = scopeEnded(name, `${name} was being read when the operation that owns it ended`);
    const endNow = this.#endNow;
    this.#state = 'stopping';
    chain?.refuse(error);
    this.#abort(error);
    if (endNow !== undefined) {
      endNow();
      return;
    }
    void reading?.closeQuietly();
    reading?.settle({ error });
    this.#running?.scope.parts.spans.markNotEnded();
    this.finish({ outcome: 'error', failure: undefined, answer: { error } });
  }

  /** The interceptors have settled, which decides the end; where they did not wait for what is being read, it is stopped. */
  unwound(rejection: Thrown | undefined): void {
    if (this.#state === 'ended' && rejection !== undefined) this.#tooLate(rejection.error);
    if (this.#state !== 'open') return;
    const { name, reading } = this.#stream;
    const ending = rejection === undefined ? doneEnding(reading?.last) : failedEnding(this.#classify(rejection.error));
    if (reading === undefined || reading.phase === 'over') {
      this.finish(ending);
      return;
    }
    this.#decide(ending);
    const reason = rejection ?? { error: scopeEnded(name, `${name} was being read when its interceptors had settled`) };
    if (reading.phase === 'reading') this.#cancellation.abort(reason.error);
    void inOneTurn(reading.closeQuietly()).then(() => this.finish(ending));
  }

  /** A producer that was told to stop mostly throws the reason, or what stands for it; anything else is a failure of its clean-up, and shown. */
  cleanUpFailed(reading: StreamReading<T>, error: unknown): void {
    const failure = this.#classify(error, reading.scope instanceof RunningScope ? reading.scope : undefined);
    if (failure.outcome === 'cancelled') return;
    if (this.#running === undefined || reading.phase === 'over') this.#tooLate(error);
    else this.#running.fail(failure);
  }

  #left(): TracewrightError {
    return cancelled('consumer', `the consumer of ${this.#stream.name} left`);
  }

  #decide(ending: StreamEnding<T>): StreamEnding<T> {
    this.#state = 'stopping';
    this.#endNow = () => this.finish(ending);
    return ending;
  }

  /** For what still runs. Comes before the end, which takes off what listens; nothing is left to be stopped by it. */
  #abort(reason: unknown): void {
    this.#endNow = undefined;
    this.#cancellation.abort(reason);
  }

  async #unwind(value: unknown): Promise<void> {
    const { reading, chain } = this.#stream;
    try {
      await reading?.close(value);
      reading?.settle(undefined);
    } catch (error) {
      if (chain === undefined || reading === undefined) {
        if (this.#state === 'ended') this.#tooLate(error);
        throw error;
      }
      chain.fail(reading, error);
    }
    await chain?.settled;
    if (chain?.rejection !== undefined) throw chain.rejection.error;
  }

  /** An error is a cancellation where it speaks of what cancelled the stream, or the scope that an interceptor handed to its body. */
  #classify(error: unknown, handed = this.#running?.scope.handed): Failure {
    const failure = classify(error, this.#cancellation);
    return handed === undefined || failure.outcome === 'cancelled' ? failure : classify(error, handed.parts.cancellation);
  }

  #tooLate(error: unknown): void {
    if (classify(error, this.#cancellation).outcome === 'cancelled') return;
    reportFault(`what ${this.#stream.name} left running failed too late for its span to show it`, error);
  }
}
