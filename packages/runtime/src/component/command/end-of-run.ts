import { exitCode, type Outcome } from '../../lifecycle/outcome.ts';
import type { ComponentStatus } from '../started-component.ts';
import { shown } from '../topology/shown.ts';
import type { Log } from './log.ts';

/** Says how a run ended and what was left behind, and gives the exit code. Where every component has failed, that is a failure also with the policy `best-effort`. */
export function endOf(outcome: Outcome, statuses: readonly ComponentStatus[], log: Log): number {
  const { status, failures, failuresOmitted, stuck, error, reason } = outcome;
  for (const { path, error: failure } of failures.filter(({ during }) => during === 'cleanup'))
    log.failure(`a cleanup of ${shown(path)} has failed`, failure);
  if (failuresOmitted !== undefined) log.warn(`${failuresOmitted} failures more are not shown`);
  for (const name of stuck) log.warn(`${shown(name)} did not end in time`);
  const isTold = statuses.some((each) => each.state === 'failed' && each.error === error);
  if (status === 'failed' && !isTold) log.failure('the deployment has failed', error);
  if (status === 'terminated') log.failure('the deployment was terminated', reason);
  const code = statuses.length > 0 && statuses.every(({ state }) => state === 'failed') ? 1 : exitCode(outcome);
  log.info(`the end: ${status}`, { exit: code });
  return code;
}
