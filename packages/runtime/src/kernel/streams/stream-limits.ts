import { cancelled } from '../cancellation.ts';
import { requirePositive } from '../check.ts';
import type { Clock } from '../clock.ts';
import { TracewrightError } from '../errors.ts';

/** How long a stream may take. Milliseconds; absent means no limit. */
export interface StreamLimits {
  readonly timeoutMs: number | undefined;
  readonly idleTimeoutMs: number | undefined;
}

/** @throws {TracewrightError} `TW_BAD_OPTION` for a limit that is not a positive number */
export function requireStreamLimits({
  timeoutMs,
  idleTimeoutMs,
}: { readonly [Limit in keyof StreamLimits]?: number | undefined }): StreamLimits {
  return {
    timeoutMs: timeoutMs === undefined ? undefined : requirePositive('timeoutMs', timeoutMs),
    idleTimeoutMs: idleTimeoutMs === undefined ? undefined : requirePositive('idleTimeoutMs', idleTimeoutMs),
  };
}

/** The stream that is watched. */
export interface WatchedStream {
  readonly name: string;
  readonly clock: Clock;
  /** Time since anything happened. */
  idleMs(): number;
  /** Whether the consumer waits for an item; else the producer waits to be asked. */
  isAsked(): boolean;
  cancel(reason: TracewrightError): void;
}

/** Cancels `stream` when it takes too long, or when one side keeps the other waiting for too long. Returns the function that ends the watch. */
export function watchLimits({ timeoutMs, idleTimeoutMs }: StreamLimits, stream: WatchedStream): () => void {
  const { clock, name } = stream;
  let stopTotal: (() => void) | undefined;
  let stopIdle: (() => void) | undefined;
  if (timeoutMs !== undefined)
    stopTotal = clock.setTimer(() => stream.cancel(tooSlow(`${name} took longer than ${timeoutMs} ms`, timeoutMs)), timeoutMs);
  if (idleTimeoutMs !== undefined) {
    // One timer for all items: it looks how long nothing has happened, and waits for the rest.
    const look = (): void => {
      const restMs = idleTimeoutMs - stream.idleMs();
      if (restMs > 0) stopIdle = clock.setTimer(look, restMs);
      else if (stream.isAsked()) stream.cancel(tooSlow(`${name} gave no item in ${idleTimeoutMs} ms`, idleTimeoutMs));
      else stream.cancel(cancelled('consumer', `the consumer of ${name} asked for nothing in ${idleTimeoutMs} ms`));
    };
    stopIdle = clock.setTimer(look, idleTimeoutMs);
  }
  return () => {
    stopTotal?.();
    stopIdle?.();
  };
}

function tooSlow(message: string, timeoutMs: number): TracewrightError<'TW_TIMEOUT'> {
  return new TracewrightError('TW_TIMEOUT', message, { data: { timeoutMs } });
}
