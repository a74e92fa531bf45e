import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Clock, systemClock } from '../../kernel/clock.ts';

/** What measures the delays of an event loop; that of `node:perf_hooks` is one. */
export interface LoopMonitor {
  /** The longest delay since the start or the last reset, in nanoseconds. */
  readonly max: number;
  reset(): void;
  enable(): unknown;
  disable(): unknown;
}

export interface StallWatchOptions {
  /** How long a stall is told from when somebody asks first, in milliseconds. */
  readonly windowMs: number;
  /** Default: that of this process. */
  readonly monitor?: LoopMonitor | undefined;
  /** Default: real time. */
  readonly clock?: Pick<Clock, 'monotonic'> | undefined;
}

const nanosPerMilli = 1_000_000;

/** In milliseconds, as Node names it. */
const resolution = 50;

/**
 * The longest stall of the event loop lately, the same for all who ask: whoever asks once in each `windowMs` is told of every stall. A monitor that is reset at each
 * question would tell it to one of them.
 */
export class StallWatch {
  readonly #windowMs: number;
  readonly #monitor: LoopMonitor;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Of the window before, in nanoseconds; the monitor has the window now. */
  #before = 0;
  #sinceMs = 0;

  constructor({ windowMs, monitor = monitorEventLoopDelay({ resolution }), clock = systemClock }: StallWatchOptions) {
    this.#windowMs = windowMs;
    this.#monitor = monitor;
    this.#clock = clock;
  }

  /** Watches until `stop`. Keeps no process alive. */
  start(): void {
    this.#sinceMs = this.#clock.monotonic();
    this.#monitor.enable();
  }

  stop(): void {
    this.#monitor.disable();
  }

  /** In milliseconds. */
  get longestMs(): number {
    const nowMs = this.#clock.monotonic();
    if (nowMs - this.#sinceMs >= this.#windowMs) {
      // What was before has been told for a window.
      this.#before = this.#monitor.max;
      this.#sinceMs = nowMs;
      this.#monitor.reset();
    }
    return Math.max(this.#before, this.#monitor.max) / nanosPerMilli;
  }
}
