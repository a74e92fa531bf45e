import type { Clock } from '../kernel/clock.ts';

/** How long terminated work has to end before it is given up, in milliseconds. */
const graceMs = 1000;

export interface DrainEvents {
  readonly timeoutMs: number | undefined;
  /** The time is over: what still runs is to be terminated. */
  onExpired(): void;
  /** What was terminated has had its time too. */
  onGivenUp(): void;
}

/** The deadline of an end, where there is one: it starts once, with the stop, the termination or the failure that comes first. */
export class DrainDeadline {
  readonly #clock: Clock;
  readonly #events: DrainEvents;
  #started = false;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, events: DrainEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  start(): void {
    const { timeoutMs, onExpired, onGivenUp } = this.#events;
    if (this.#started || timeoutMs === undefined) return;
    this.#started = true;
    this.#cancel = this.#clock.setTimer(() => {
      this.#cancel = this.#clock.setTimer(onGivenUp, graceMs);
      onExpired();
    }, timeoutMs);
  }

  clear(): void {
    this.#started = true;
    this.#cancel?.();
  }
}
