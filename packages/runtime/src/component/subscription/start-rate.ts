import { StartWindow } from '../../interceptors/limit-window.ts';
import type { Clock } from '../../kernel/clock.ts';

/** Lets no more begin within any second than it is told to. */
export class StartRate {
  readonly #window: StartWindow | undefined;
  readonly #clock: Clock;
  readonly #begin: () => void;
  /** Set while the next one only waits for time to pass. */
  #cancelTimer: (() => void) | undefined;

  /** @param begin called when there may be another start, after one was refused */
  constructor(perSecond: number | undefined, clock: Clock, begin: () => void) {
    this.#window = perSecond === undefined ? undefined : new StartWindow(perSecond);
    this.#clock = clock;
    this.#begin = begin;
  }

  mayStart(): boolean {
    const now = this.#clock.monotonic();
    if (this.#window === undefined || this.#window.tryStart(now)) return true;
    const again = (): void => {
      this.#cancelTimer = undefined;
      this.#begin();
    };
    this.#cancelTimer ??= this.#clock.setTimer(again, Math.max(1, Math.ceil(this.#window.restMs(now))));
    return false;
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
