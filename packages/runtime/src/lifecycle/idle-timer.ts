import { type Clock, maxTimerMs, systemClock } from '../kernel/clock.ts';

/** A timer that keeps no process alive, where it is one of the process. */
export function setIdleTimer(clock: Clock, callback: () => void, delayMs: number): () => void {
  if (clock !== systemClock) return clock.setTimer(callback, delayMs);
  const timer = setTimeout(callback, Math.min(delayMs, maxTimerMs)).unref();
  return () => clearTimeout(timer);
}
