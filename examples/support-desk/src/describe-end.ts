import type { LifecycleHandle, Outcome } from 'tracewright';
import type { Tally } from './take-tickets.ts';
import type { CleanupResult, Worker } from './worker.ts';

/** For whom the worker waits right now, and what they do; `undefined` when it has ended. */
export function describeWaiting({ lifecycle, takers }: Worker): string | undefined {
  const waitingFor = lifecycle.waitingFor();
  if (waitingFor.length === 0) return undefined;
  return waitingFor.map((name) => name + describeWork(takers.find(({ path }) => path === name))).join(', ');
}

/** How the worker ended, what became of tickets since `before`, and what did not end in time. */
export function describeDrain({ left, tally }: Worker, before: Tally, { status, stuck }: Outcome): string {
  const answered = `${count(tally.answered - before.answered, 'ticket')} answered`;
  const failed = `${tally.failed - before.failed} failed`;
  const behind = left.length === 0 ? 'none left behind' : `left behind: ${left.join(', ')}`;
  const late = stuck.length === 0 ? '' : ` Out of time: ${stuck.join(', ')}.`;
  return `${status}; meanwhile ${answered}, ${failed}, ${behind}.${late}`;
}

/** Who failed, with what it failed last, and how often it was started again; `undefined` when nobody failed. */
export function describeFailures({ starts }: Worker, { failures }: Outcome): string | undefined {
  const last = new Map(failures.filter(({ during }) => during === undefined).map(({ path, error }) => [path, error]));
  if (last.size === 0) return undefined;
  return Array.from(last, ([path, error]) => `${path} (${describeError(error)}), ${describeRestarts(starts.get(path))}`).join('; ');
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

function describeRestarts(starts = 1): string {
  if (starts === 1) return 'not started again';
  return `started again ${starts === 2 ? 'once' : `${starts - 1} times`}`;
}

/** The innermost of what is open in `lifecycle`. */
function describeWork(lifecycle: LifecycleHandle | undefined): string {
  const innermost = lifecycle?.waitingFor().at(-1);
  return innermost === undefined || innermost === 'body' ? '' : ` (${innermost})`;
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
