/** How the waits between tries, or between restarts, grow. */
export interface Backoff {
  /** After the first failure; doubled for each further one. Milliseconds. */
  readonly delayMs: number;
  readonly maxDelayMs: number;
  /**
   * `full` draws each wait between nothing and its full length, so that those who failed together do not come back together; `half` between half and all of
   * it, where no wait at all would spin.
   */
  readonly jitter: 'full' | 'half' | 'none';
  /** From 0 up to, and without, 1. */
  readonly random: () => number;
}

const maxDoublings = 1000;

/** How long to wait after failure `count` (from 1), in milliseconds. */
export function backoffMs({ delayMs, maxDelayMs, jitter, random }: Backoff, count: number): number {
  // Bounded, as nothing times infinity is no number.
  const doublings = Math.min(count - 1, maxDoublings);
  const fullMs = Math.min(delayMs * 2 ** doublings, maxDelayMs);
  if (jitter === 'none') return fullMs;
  return jitter === 'full' ? random() * fullMs : (0.5 + random() / 2) * fullMs;
}
