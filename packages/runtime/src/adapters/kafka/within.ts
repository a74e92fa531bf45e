import { systemClock } from '../../kernel/clock.ts';

/** What `work` comes to, or what `late` gives when that takes longer than `timeoutMs`. The work goes on meanwhile. */
export function within<T>(work: Promise<T>, timeoutMs: number, late: () => T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = systemClock.setTimer(() => {
      Promise.resolve().then(late).then(resolve, reject);
    }, timeoutMs);
    work.then(resolve, reject).finally(cancel);
  });
}
