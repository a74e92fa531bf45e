/**
 * When a hook is called, and what it may do, in the order in which the modes run.
 *
 * - `sequential`: one after another, each sees the changes before it; may change and block.
 * - `transform`: after these, likewise; may change.
 * - `audit`: after these, one after another; only looks.
 * - `concurrent`: all at once, with the payload as it is by then; may block.
 * - `background`: after the rest, also when the operation was blocked; only looks, and nobody waits for it.
 */
export type HookMode = 'sequential' | 'transform' | 'audit' | 'concurrent' | 'background';

export interface HookPowers {
  readonly rank: number;
  readonly blocks: boolean;
  readonly changes: boolean;
  /** Whether its failure may stop the operation. */
  readonly failsClosed: boolean;
}

export const hookModes: Readonly<Record<HookMode, HookPowers>> = {
  sequential: { rank: 0, blocks: true, changes: true, failsClosed: true },
  transform: { rank: 1, blocks: false, changes: true, failsClosed: true },
  audit: { rank: 2, blocks: false, changes: false, failsClosed: false },
  concurrent: { rank: 3, blocks: true, changes: false, failsClosed: true },
  background: { rank: 4, blocks: false, changes: false, failsClosed: false },
};
