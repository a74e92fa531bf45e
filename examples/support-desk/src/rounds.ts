import { setTimeout as wait } from 'node:timers/promises';
import type { DeskClient } from './client.ts';
import { callers } from './load.ts';
import type { SupportDesk } from './support-desk.ts';

export interface Stage {
  readonly desk: SupportDesk;
  readonly client: DeskClient;
  /** Aborts when no more is to be played; what is under way is not waited for then. */
  readonly stop: AbortSignal;
  readonly print: (text: string) => void;
}

const pauseMs = 4000;
const pollMs = 5;

/** The courier's second answer comes after one failure of the feed, and holds longer than a round. */
const settledAfter = 2;

/**
 * Plays the feed of the worker and then the callers, one after the other, each from its request to the end of its ticket, so that what is printed has one
 * order.
 *
 * @param afterEach called, and waited for, when the ticket of a caller has been handled
 */
export async function playInTurn({ desk, client, stop, print }: Stage, afterEach: () => Promise<void>): Promise<void> {
  const { worker, tickets } = desk;
  print('The desk opens, and the worker asks the courier; the second time that fails, and the worker starts its feed again\n');
  while (!stop.aborted && worker.news.heard < settledAfter) await wait(pollMs);
  await unlessStopped(stop, afterEach());
  for (const caller of callers) {
    if (stop.aborted) return;
    print(`${caller.title}\n`);
    await unlessStopped(stop, caller.call(client));
    while (!stop.aborted && tickets.queued.length + worker.tally.inFlight > 0) await wait(pollMs);
    await unlessStopped(stop, afterEach());
  }
}

/** Plays rounds of all callers at once until `stop` aborts, with a pause after each. */
export async function playRounds({ desk, client, stop, print }: Stage): Promise<void> {
  for (let round = 1; !stop.aborted; round += 1) {
    const results = await unlessStopped(stop, Promise.allSettled(callers.map((caller) => caller.call(client))));
    if (results === undefined) return;
    for (const result of results) if (result.status === 'rejected') print(`A caller failed: ${result.reason}\n`);
    const { handled, failed } = desk.worker.tally;
    print(`Round ${round} done: ${handled} tickets answered and ${failed} failed so far. Ctrl-C stops.\n`);
    await wait(pauseMs, undefined, { signal: stop }).catch(() => undefined);
  }
}

/** What `work` gives; undefined as soon as `stop` aborts, and then whatever becomes of the work is of no interest. */
async function unlessStopped<T>(stop: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  let stopListening = (): void => undefined;
  const stopped = new Promise<undefined>((resolve) => {
    const listener = (): void => resolve(undefined);
    stop.addEventListener('abort', listener);
    stopListening = () => stop.removeEventListener('abort', listener);
  });
  try {
    return await (stop.aborted ? undefined : Promise.race([work, stopped]));
  } catch (error: unknown) {
    if (stop.aborted) return undefined;
    throw error;
  } finally {
    stopListening();
  }
}
