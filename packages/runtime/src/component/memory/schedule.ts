import type { Clock } from '../../kernel/clock.ts';
import { OrderedHeap } from './ordered-heap.ts';
import { isDueBefore, type QueuedMessage } from './queued-message.ts';

/** Messages that become due, with one timer for the earliest of them, and none while there is none or nobody is there to take them. */
export class Schedule {
  readonly #clock: Clock;
  readonly #onDue: (due: readonly QueuedMessage[]) => void;
  readonly #waiting = new OrderedHeap(isDueBefore);
  #isRunning = false;
  #timer: { readonly atMs: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock, onDue: (due: readonly QueuedMessage[]) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  add(queued: QueuedMessage, delayMs: number): void {
    queued.dueMs = this.#clock.monotonic() + delayMs;
    this.#waiting.add(queued);
    this.#setTimer();
  }

  remove(queued: QueuedMessage): void {
    this.#waiting.remove(queued);
    if (this.#waiting.size === 0) this.#clearTimer();
  }

  /** Lets messages become due from now on, and at once what fell due while the schedule paused. */
  run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#look();
  }

  pause(): void {
    this.#isRunning = false;
    this.#clearTimer();
  }

  #setTimer(): void {
    const first = this.#isRunning ? this.#waiting.first : undefined;
    // A timer that is too early looks again; only one that would be late is worth another.
    if (first === undefined || (this.#timer !== undefined && this.#timer.atMs <= first.dueMs)) return;
    this.#clearTimer();
    const cancel = this.#clock.setTimer(this.#look, Math.max(0, first.dueMs - this.#clock.monotonic()));
    this.#timer = { atMs: first.dueMs, cancel };
  }

  #clearTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    const nowMs = this.#clock.monotonic();
    const due: QueuedMessage[] = [];
    for (let first = this.#waiting.first; first !== undefined && first.dueMs <= nowMs; first = this.#waiting.first) {
      this.#waiting.remove(first);
      due.push(first);
    }
    this.#setTimer();
    if (due.length > 0) this.#onDue(due);
  };
}
