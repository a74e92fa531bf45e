import type { Clock } from '../../kernel/clock.ts';

/** Items that wait to be tried again. */
export class Delayed<Item> {
  readonly #clock: Clock;
  readonly #onDue: (item: Item) => void;
  /** With what ends the wait of each. */
  readonly #waiting = new Map<Item, () => void>();

  constructor(clock: Clock, onDue: (item: Item) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get items(): Iterable<Item> {
    return this.#waiting.keys();
  }

  add(item: Item, ms: number): void {
    const due = (): void => {
      this.#waiting.delete(item);
      this.#onDue(item);
    };
    this.#waiting.set(item, this.#clock.setTimer(due, ms));
  }

  clear(): void {
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
  }
}
