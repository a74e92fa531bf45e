import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Clock, systemClock } from '../../kernel/clock.ts';
import { setIdleTimer } from '../../lifecycle/idle-timer.ts';

/** What measures the delays of an event loop; that of `node:perf_hooks` is one. */
export interface LoopMonitor {
  /** The longest delay since the start or the last reset, in nanoseconds. */
  readonly max: number;
  reset(): void;
  enable(): unknown;
  disable(): unknown;
}

export interface StallWatchOptions {
  /** How long a stall is told at least, and half of how long at most, in milliseconds. */
  readonly windowMs: number;
  /** Default: that of this process. */
  readonly monitor?: LoopMonitor | undefined;
  /** Default: real time. */
  readonly clock?: Clock | undefined;
}

const nanosPerMilli = 1_000_000;

/** In milliseconds, as Node names it. */
const resolution = 50;

/**
 * The longest stall of the event loop lately, the same for all who ask, however often: each is told for one to two windows, and then no more. A monitor that is reset at
 * each question would tell it to one of them.
 */
export class StallWatch {
  readonly #windowMs: number;
  readonly #monitor: LoopMonitor;
  readonly #clock: Clock;
  /** Of the window before, in nanoseconds; the monitor has the window now. */
  #before = 0;
  #cancelTimer: () => void = () => undefined;

  constructor({ windowMs, monitor = monitorEventLoopDelay({ resolution }), clock = systemClock }: StallWatchOptions) {
    this.#windowMs = windowMs;
    this.#monitor = monitor;
    this.#clock = clock;
  }

  /** Watches until `stop`. Keeps no process alive. */
  start(): void {
    this.#monitor.enable();
    this.#awaitWindow();
  }

  stop(): void {
    this.#cancelTimer();
    this.#monitor.disable();
  }

  /** In milliseconds. */
  get longestMs(): number {
    return Math.max(this.#before, this.#monitor.max) / nanosPerMilli;
  }

  /** By the clock and not by who asks: after a pause of the asking, a stall of any age would be told as a new one. */
  #awaitWindow(): void {
    this.#cancelTimer = setIdleTimer(
      this.#clock,
      () => {
        this.#before = this.#monitor.max;
        this.#monitor.reset();
        this.#awaitWindow();
      },
      this.#windowMs,
    );
  }
}
