import type { Clock } from '../kernel/clock.ts';

/** Monotonic time, for showing it only: with a clock that fails, a lifecycle ends in order all the same, and has no age. */
export function readTime(clock: Pick<Clock, 'monotonic'>): number {
  try {
    return clock.monotonic();
  } catch {
    // Whoever needs the time for what it does is told by the same error.
    return 0;
  }
}
