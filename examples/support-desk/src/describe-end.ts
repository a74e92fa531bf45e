import type { LifecycleHandle, Outcome } from 'tracewright';
import type { CleanupResult, Worker } from './worker.ts';

/** For whom the worker waits right now, and what they do; `undefined` when it has ended. */
export function describeWaiting({ lifecycle, takers }: Worker): string | undefined {
  const waitingFor = lifecycle.waitingFor();
  if (waitingFor.length === 0) return undefined;
  return waitingFor.map((name) => name + describeWork(takers.find(({ path }) => path === name))).join(', ');
}

/** How many tickets were finished, and what was not. */
export function describeDrain({ left }: Worker, finished: number, { stuck }: Outcome): string {
  const parts = [`${count(finished, 'ticket')} finished`, left.length === 0 ? 'none left behind' : `left behind: ${left.join(', ')}`];
  return `${parts.join(', ')}.${stuck.length === 0 ? '' : ` Out of time: ${stuck.join(', ')}.`}`;
}

/** Who failed and was started again, or given up; `undefined` when nobody. */
export function describeRestarts({ failures }: Outcome): string | undefined {
  const failed = failures.filter(({ during }) => during === undefined);
  if (failed.length === 0) return undefined;
  return failed.map(({ path, error }) => `${path}, after ${describeError(error)}`).join('; ');
}

/** What became of each cleanup, in the order in which they ran. */
export function describeCleanups(results: readonly CleanupResult[]): string {
  return listed(results.map(({ name, error }) => `${name} ${error === undefined ? 'done' : `FAILED (${describeError(error)})`}`));
}

export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

export function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}

/** The innermost of what is open in `lifecycle`. */
function describeWork(lifecycle: LifecycleHandle | undefined): string {
  const innermost = lifecycle?.waitingFor().at(-1);
  return innermost === undefined || innermost === 'body' ? '' : ` (${innermost})`;
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
