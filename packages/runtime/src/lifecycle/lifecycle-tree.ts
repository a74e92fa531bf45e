import type { HeartbeatReport } from './heartbeats.ts';
import type { StateName } from './life-state.ts';
import type { RunningLifecycle } from './running-lifecycle.ts';

/** Where a lifecycle is: as in the table of states, and `between lives` for a child that waits for its restart. */
export type TreeState = StateName | 'between lives';

/** A lifecycle and all below it, as they were when somebody asked. Plain data, frozen. */
export interface LifecycleTree {
  readonly name: string;
  readonly path: string;
  readonly state: TreeState;
  /** Since its start, over all its lives, in whole milliseconds of the clock's monotonic time. Of one that is done: how long it lived. */
  readonly ageMs: number;
  /** As `waitingFor()` of its handle. */
  readonly waitingFor: readonly string[];
  /** How often it has failed and lived again. Only where it has. */
  readonly restarts?: number;
  /** What it has promised, and is bound by now. Only where there is any. */
  readonly heartbeats?: readonly HeartbeatReport[];
  /** Those that have not ended, in the order in which they were started. */
  readonly children: readonly LifecycleTree[];
}

export function treeOf(lifecycle: RunningLifecycle): LifecycleTree {
  const { name, path, state, ageMs, restarts } = lifecycle;
  const heartbeats = lifecycle.heartbeats?.report() ?? [];
  return Object.freeze({
    name,
    path,
    state,
    ageMs: Math.round(ageMs),
    waitingFor: Object.freeze([...lifecycle.waitingFor()]),
    ...(restarts > 0 && { restarts }),
    ...(heartbeats.length > 0 && { heartbeats: Object.freeze(heartbeats) }),
    children: Object.freeze(Array.from(lifecycle.children, treeOf)),
  });
}
