import { requireFunction } from '../kernel/check.ts';
import { TracewrightError } from '../kernel/errors.ts';
import type { RunningScope } from '../kernel/running-scope.ts';
import type { LifecycleBody, LifecycleHandle } from './lifecycle.ts';
import { type LifecycleOptions, requireLifecycleOptions, requireName } from './lifecycle-options.ts';
import { RunningLifecycle } from './running-lifecycle.ts';

export interface LifecycleCall {
  readonly name: string;
  readonly body: LifecycleBody;
  readonly options: LifecycleOptions | undefined;
}

/**
 * Starts a root lifecycle: who executes, where it belongs and what caused it is taken over from `around`, but it stands on the runtime and on nothing else.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for a wrong name, body or option; `TW_RUNTIME_CLOSED` once `close` was called
 */
export function startLifecycle(around: RunningScope, { name, body, options = {} }: LifecycleCall): LifecycleHandle {
  requireName(name);
  requireFunction('body', body);
  const settings = requireLifecycleOptions(options);
  if (!around.kernel.accepting)
    throw new TracewrightError('TW_RUNTIME_CLOSED', `${name} was started after the runtime had been closed`, { data: { operation: name } });
  return new RunningLifecycle({ name, body, settings }, { around, parent: undefined }).begin();
}
