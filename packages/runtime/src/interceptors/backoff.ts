/** How the waits between tries grow. */
export interface Backoff {
  /** Before the second try; doubled for each further one. Milliseconds. */
  readonly delayMs: number;
  readonly maxDelayMs: number;
  /** `full` draws each wait between nothing and its full length, so that clients which failed together do not come back together. */
  readonly jitter: 'full' | 'none';
  /** From 0 up to, and without, 1. */
  readonly random: () => number;
}

const maxDoublings = 1000;

/** How long to wait after try `attempt` (from 1) has failed, in milliseconds. */
export function backoffMs({ delayMs, maxDelayMs, jitter, random }: Backoff, attempt: number): number {
  // Bounded, as nothing times infinity is no number.
  const doublings = Math.min(attempt - 1, maxDoublings);
  const fullMs = Math.min(delayMs * 2 ** doublings, maxDelayMs);
  return jitter === 'full' ? random() * fullMs : fullMs;
}
