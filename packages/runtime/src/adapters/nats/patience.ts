import { systemClock } from '../../kernel/clock.ts';

const nothing = (): void => undefined;

/** Lets one wait until it is woken, a signal aborts, or its time is over. */
export class Patience {
  /** Wakes who waits. */
  wake: () => void = nothing;

  /** Resolves with whether the time was over. */
  wait(signal: AbortSignal, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isOver: boolean): void => {
        cancel();
        signal.removeEventListener('abort', wake);
        this.wake = nothing;
        resolve(isOver);
      };
      const wake = (): void => end(false);
      const cancel = systemClock.setTimer(() => end(true), ms);
      this.wake = wake;
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
