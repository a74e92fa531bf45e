import { AsyncResource } from 'node:async_hooks';
import { type Clock, maxTimerMs, systemClock } from './clock.ts';

/**
 * Deadlines: timers that are nearly always cleared before they fire. On the system clock, all that last equally long share one timer of Node's and stand in
 * a list in the order in which they fall due, so that setting and clearing one is a few pointer writes; on another clock each is a timer of that clock.
 */
export interface Deadline {
  clear(): void;
}

/** Calls `expired` once after `delayMs`, unless it is cleared before. A pending deadline keeps the process alive, as a timer does. */
export function setDeadline(clock: Clock, delayMs: number, expired: () => void): Deadline {
  if (clock !== systemClock || delayMs > maxTimerMs) return { clear: clock.setTimer(expired, delayMs) };
  let row = rows.get(delayMs);
  if (row === undefined) {
    if (rows.size >= maxRows) return { clear: clock.setTimer(expired, delayMs) };
    rows.set(delayMs, (row = new DeadlineRow(delayMs)));
  }
  return row.add(expired);
}

/** Delays are settings, so there are few of them; where they are computed, each deadline gets a timer of its own, as without rows. */
const maxRows = 256;
const rows = new Map<number, DeadlineRow>();

/** A shared timer must not run, or keep, the asynchronous context of whoever happened to be first. */
const outside = new AsyncResource('tracewright.deadlines', { requireManualDestroy: true });

const { performance } = globalThis;

class DeadlineRow {
  readonly #delayMs: number;
  #first: RowEntry | undefined;
  #last: RowEntry | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  add(expired: () => void): Deadline {
    const entry = new RowEntry(this, performance.now() + this.#delayMs, expired);
    entry.previous = this.#last;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.next = entry;
    this.#last = entry;
    if (this.#timer === undefined) this.#arm(this.#delayMs);
    else if (this.#first === entry) this.#timer.ref();
    return entry;
  }

  remove(entry: RowEntry): void {
    if (entry.previous === undefined) this.#first = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next === undefined) this.#last = entry.previous;
    else entry.next.previous = entry.previous;
    entry.previous = undefined;
    entry.next = undefined;
    // The timer stays for those who come next: making one for each would cost what the row saves. It only stops to keep the process alive.
    if (this.#first === undefined) this.#timer?.unref();
  }

  #arm(delayMs: number): void {
    this.#timer = outside.runInAsyncScope(() => setTimeout(this.#look, delayMs));
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    const now = performance.now();
    const due: RowEntry[] = [];
    let entry = this.#first;
    // Node may call a timer up to a millisecond early.
    for (; entry !== undefined && entry.dueMs <= now + 1; entry = entry.next) due.push(entry);
    if (entry === undefined) rows.delete(this.#delayMs);
    else this.#arm(Math.max(1, entry.dueMs - now));
    // What expires may clear others that are due in the same turn.
    for (const expiring of due) expiring.expire();
  };
}

class RowEntry implements Deadline {
  readonly #row: DeadlineRow;
  readonly #expired: () => void;
  readonly dueMs: number;
  previous: RowEntry | undefined;
  next: RowEntry | undefined;
  #pending = true;

  constructor(row: DeadlineRow, dueMs: number, expired: () => void) {
    this.#row = row;
    this.dueMs = dueMs;
    this.#expired = expired;
  }

  clear(): void {
    if (!this.#pending) return;
    this.#pending = false;
    this.#row.remove(this);
  }

  expire(): void {
    if (!this.#pending) return;
    this.clear();
    try {
      this.#expired();
    } catch (error) {
      // Thrown on its own, as from a timer of its own: those that are due in the same turn must not be lost.
      setImmediate(() => {
        throw error;
      });
    }
  }
}
