import type { Clock } from '../kernel/clock.ts';

/** How long a source has to let itself be left, in milliseconds: as long as a producer has to close. */
const leaveMs = 1000;

export interface LeavingEvents {
  onFailed(error: unknown): void;
  /** A source has not let itself be left in time. */
  onLate(): void;
}

/** The sources that one life is leaving, because their loops were ended by its end: its cleanups may take away what they need for that. */
export class LeavingSources {
  readonly #clock: Clock;
  readonly #events: LeavingEvents;
  /** For each source that is waited for, what ends the wait. */
  readonly #waits = new Set<() => void>();
  #tellLeft: () => void = () => undefined;
  #closed = false;

  constructor(clock: Clock, events: LeavingEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  get hasSome(): boolean {
    return this.#waits.size > 0;
  }

  /** @param left settles when the source has been left */
  add(left: Promise<unknown>): void {
    const { onFailed, onLate } = this.#events;
    const end = this.#closed ? () => undefined : this.#waitFor(onLate);
    void left.then(end, (error: unknown) => {
      end();
      onFailed(error);
    });
  }

  /** Resolves when no source is waited for any longer. For one caller at a time. */
  left(): Promise<void> {
    if (!this.hasSome) return Promise.resolve();
    return new Promise((resolve) => {
      this.#tellLeft = resolve;
    });
  }

  /** Waits for none any longer. */
  giveUp(): void {
    for (const end of this.#waits) end();
  }

  /** From now on, sources are left and not waited for. */
  close(): void {
    this.#closed = true;
    this.giveUp();
  }

  #waitFor(onLate: () => void): () => void {
    const end = (): void => {
      clear();
      this.#waits.delete(end);
      if (!this.hasSome) this.#tellLeft();
    };
    const clear = this.#clock.setTimer(() => {
      onLate();
      end();
    }, leaveMs);
    this.#waits.add(end);
    return end;
  }
}
