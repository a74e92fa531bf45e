import { TracewrightError } from '../errors.ts';
import type { Failure } from '../outcome.ts';
import type { StreamOutcome } from './owned-stream.ts';
import { finished } from './stream-reader.ts';

/** How a stream ends, for its span and for its consumer. */
export interface StreamEnding<T> {
  readonly outcome: StreamOutcome;
  /** What the span shows of it. */
  readonly failure: Failure | undefined;
  /** What the consumer is told. */
  readonly answer: { readonly result: IteratorResult<T, unknown> } | { readonly error: unknown };
}

/** The producer has given all that it had, or the interceptors are content with what it gave. */
export function doneEnding<T>(result: IteratorResult<T, unknown> | undefined): StreamEnding<T> {
  return { outcome: 'done', failure: undefined, answer: { result: result ?? finished } };
}

export function failedEnding(failure: Failure): StreamEnding<never> {
  return {
    outcome: streamOutcome(failure),
    failure,
    answer: { error: failure.outcome === 'error' ? (failure.thrown ?? failure.error) : failure.error },
  };
}

/** As failed; but to a consumer whose pull waited when it left, it is simply the end. */
export function stoppedEnding(failure: Failure, isPull: boolean): StreamEnding<never> {
  const ending = failedEnding(failure);
  if (ending.outcome !== 'consumer_left' || !isPull) return ending;
  return { outcome: ending.outcome, failure, answer: { result: finished } };
}

/** Why a stream is stopped that nobody cancelled: what it belonged to has ended. */
export function scopeEnded(operation: string, message: string): TracewrightError<'TW_SCOPE_ENDED'> {
  return new TracewrightError('TW_SCOPE_ENDED', message, { data: { operation } });
}

function streamOutcome(failure: Failure): StreamOutcome {
  if (failure.outcome === 'error') return 'error';
  if (failure.by === 'timeout') return 'timeout';
  return failure.by === 'consumer' ? 'consumer_left' : 'aborted';
}
