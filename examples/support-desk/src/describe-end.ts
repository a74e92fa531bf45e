import type { Outcome } from 'tracewright';
import type { SupportDesk } from './support-desk.ts';
import type { CleanupResult, Tally, WorkerLog } from './worker.ts';

/** For whom the desk waits right now, and which tickets are in work; `undefined` when it has ended. */
export function describeWaiting({ deployment, tickets }: SupportDesk): string | undefined {
  const waitingFor = deployment.lifecycle.waitingFor();
  if (waitingFor.length === 0) return undefined;
  const inWork = tickets.working.map(({ id }) => id);
  return waitingFor.join(', ') + (inWork.length === 0 ? '' : `; in work: ${listed(inWork)}`);
}

/** How the desk ended, what became of tickets since `before`, and what did not end in time. */
export function describeDrain({ left, tally }: WorkerLog, before: Tally, { status, stuck }: Outcome): string {
  const answered = `${count(tally.handled - before.handled, 'ticket')} answered`;
  const failed = `${tally.failed - before.failed} failed`;
  const behind = left.length === 0 ? 'none left behind' : `left behind: ${left.join(', ')}`;
  const late = stuck.length === 0 ? '' : ` Out of time: ${stuck.join(', ')}.`;
  return `${status}; meanwhile ${answered}, ${failed}, ${behind}.${late}`;
}

/** Who failed, with what it failed last, and how often it was started again; `undefined` when nobody failed. */
export function describeFailures({ news }: WorkerLog, { failures }: Outcome): string | undefined {
  const last = new Map(failures.filter(({ during }) => during === undefined).map(({ path, error }) => [path, error]));
  if (last.size === 0) return undefined;
  // Only the feed is ever started again.
  return Array.from(
    last,
    ([path, error]) => `${path} (${describeError(error)}), ${describeRestarts(path.endsWith('/courier-feed') ? news.feeds : 1)}`,
  ).join('; ');
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

function describeRestarts(starts: number): string {
  if (starts === 1) return 'not started again';
  return `started again ${starts === 2 ? 'once' : `${starts - 1} times`}`;
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
