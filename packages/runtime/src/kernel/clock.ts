/**
 * The time that operations see. Everything that waits in Tracewright waits on a clock, so that a test can hold time still.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch; may have a fraction. */
  now(): number;
  /** Monotonic time in milliseconds, for durations only. */
  monotonic(): number;
  /**
   * Calls `callback` once after `delayMs`. A pending timer keeps the process alive, as Node's own does; whoever sets one cancels it.
   *
   * @returns a function that cancels the timer; calling it again, or late, does nothing
   */
  setTimer(callback: () => void, delayMs: number): () => void;
  /**
   * Resolves after `delayMs`.
   *
   * @throws the reason of `signal` as soon as it aborts, or at once when it already has
   */
  sleep(delayMs: number, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** Waits on any clock's timers; shared by the system clock and the fake one. */
export function sleepOn(clock: Pick<Clock, 'setTimer'>, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.setTimer(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The global is a getter, and asked for at every item of a stream. */
const { performance } = globalThis;

/** Node fires a timer of more than 31 bits at once. Milliseconds. */
export const maxTimerMs = 0x7fff_ffff;

/** Real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(callback, delayMs) {
    let timer: NodeJS.Timeout;
    const wait = (restMs: number): void => {
      const stepMs = Math.min(restMs, maxTimerMs);
      timer = setTimeout(() => (restMs > stepMs ? wait(restMs - stepMs) : callback()), stepMs);
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
  sleep(delayMs, options) {
    return sleepOn(systemClock, delayMs, options?.signal);
  },
};
