import { badOption } from '../kernel/errors.ts';
import { HookHandle } from './hook-handle.ts';
import { RunningLifecycle } from './running-lifecycle.ts';

/**
 * The lifecycle that a handle is of.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for a handle that is not of this runtime
 */
export function requireLifecycle(handle: unknown): RunningLifecycle {
  if (handle instanceof HookHandle) return handle.owner;
  if (!(handle instanceof RunningLifecycle)) throw badOption('handle', 'what runtime.lifecycle or fork gave', handle);
  return handle;
}
