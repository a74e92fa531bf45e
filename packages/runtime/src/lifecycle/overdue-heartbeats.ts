import type { HeartbeatReport } from './heartbeats.ts';
import type { LifecycleHandle } from './lifecycle.ts';
import { requireLifecycle } from './require-lifecycle.ts';
import type { RunningLifecycle } from './running-lifecycle.ts';

/** A promise to beat that is not kept, and whose it is. */
export interface OverdueHeartbeat extends HeartbeatReport {
  /** Of the lifecycle that promised it. */
  readonly path: string;
}

/**
 * The heartbeats that are overdue in a lifecycle and all below it, from the root down. It asks only for these: a probe comes every few seconds, and a tree can be large.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for a handle that is not of this runtime
 */
export function overdueHeartbeats(handle: LifecycleHandle): readonly OverdueHeartbeat[] {
  return [...overdueIn(requireLifecycle(handle))];
}

function* overdueIn(lifecycle: RunningLifecycle): Generator<OverdueHeartbeat> {
  for (const report of lifecycle.heartbeats?.report() ?? []) if (report.isOverdue) yield { ...report, path: lifecycle.path };
  for (const child of lifecycle.children) yield* overdueIn(child);
}
