import { requireKnownKeys } from '../kernel/check.ts';
import { type Clock, sleepOn } from '../kernel/clock.ts';
import { badOption } from '../kernel/errors.ts';
import { settle } from './settle.ts';

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** How many timers wait. */
  readonly pending: number;
  /**
   * Moves time forward by `ms`, calling each timer that falls due at its own time, in time order, with what follows from it done before the next.
   * Timers that are made on the way are called too. Resolves when all that follows without further waiting is done, streams’ grace turns included.
   *
   * @throws {TracewrightError} `TW_BAD_OPTION` when `ms` is negative or not finite; whatever a timer's callback throws
   */
  advance(ms: number): Promise<void>;
  /**
   * Moves time forward by `ms` at once, as a busy event loop does: no timer is called now, those that fall due are called by the next `advance`.
   *
   * @throws {TracewrightError} `TW_BAD_OPTION` when `ms` is negative or not finite
   */
  tick(ms: number): void;
}

export interface FakeClockOptions {
  /** Wall-clock time at the start, in milliseconds since the Unix epoch. Default: the beginning of 2026 in UTC. */
  readonly startAt?: number;
}

interface Timer {
  readonly callback: () => void;
  readonly dueMs: number;
}

/** Makes a clock that only a test moves; its monotonic time starts at 0. */
export function fakeClock(options: FakeClockOptions = {}): FakeClock {
  requireKnownKeys('fakeClock options', options, ['startAt']);
  const { startAt = Date.UTC(2026, 0, 1) } = options;
  if (!Number.isFinite(startAt)) throw badOption('startAt', 'a time in milliseconds', startAt);
  const timers = new Set<Timer>();
  let elapsedMs = 0;

  const callDueTimers = async (untilMs: number): Promise<void> => {
    for (let timer = firstDue(timers, untilMs); timer !== undefined; timer = firstDue(timers, untilMs)) {
      timers.delete(timer);
      // A timer can be overdue after `tick`; time does not run backwards for it.
      elapsedMs = Math.max(elapsedMs, timer.dueMs);
      timer.callback();
      await settle();
    }
  };

  const clock: FakeClock = {
    now: () => startAt + elapsedMs,
    monotonic: () => elapsedMs,
    setTimer(callback, delayMs) {
      const timer = { callback, dueMs: elapsedMs + Math.max(0, delayMs) };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    sleep: (delayMs, waiting) => sleepOn(clock, delayMs, waiting?.signal),
    get pending() {
      return timers.size;
    },
    async advance(ms) {
      const untilMs = elapsedMs + checkedSpan('advance', ms);
      // What is under way sets its timers first, or they would be counted from the wrong time.
      await settle();
      do {
        await callDueTimers(untilMs);
        await settle();
      } while (firstDue(timers, untilMs) !== undefined);
      elapsedMs = Math.max(elapsedMs, untilMs);
      await settle();
    },
    tick(ms) {
      elapsedMs += checkedSpan('tick', ms);
    },
  };
  return clock;
}

function firstDue(timers: ReadonlySet<Timer>, untilMs: number): Timer | undefined {
  let first: Timer | undefined;
  // A set keeps the order in which timers were made, so that of two with one due time the older is called first.
  for (const timer of timers) if (timer.dueMs <= untilMs && (first === undefined || timer.dueMs < first.dueMs)) first = timer;
  return first;
}

function checkedSpan(verb: string, ms: number): number {
  if (!Number.isFinite(ms) || ms < 0) throw badOption(`ms of ${verb}`, 'a number of milliseconds that is not negative', ms);
  return ms;
}
