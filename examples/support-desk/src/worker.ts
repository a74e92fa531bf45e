import { once } from 'node:events';
import { type Cleanup, type Lifecycle, type LifecycleHandle, type Runtime, service } from 'tracewright';
import { CourierNews, feedSupervision, followCourier } from './courier-feed.ts';
import type { TicketMessage } from './desk.ts';
import { orderLookUp } from './look-up-order.ts';
import type { Partners } from './partners.ts';
import type { Queue } from './queue.ts';
import { takeTickets, type Tally } from './take-tickets.ts';

export interface WorkerOptions {
  readonly runtime: Runtime;
  readonly queue: Queue<TicketMessage>;
  readonly partners: Partners;
}

/** A cleanup that has run. */
export interface CleanupResult {
  readonly name: string;
  /** Only where it failed. */
  readonly error?: unknown;
}

/** Answers tickets from a queue until it is stopped. */
export interface Worker {
  readonly lifecycle: LifecycleHandle;
  readonly takers: readonly LifecycleHandle[];
  readonly tally: Readonly<Tally>;
  readonly news: Readonly<CourierNews>;
  /** How often each lifecycle was started, by its path. */
  readonly starts: ReadonlyMap<string, number>;
  /** Ids of the tickets that nobody got to. Empty before the end. */
  readonly left: readonly string[];
  /** In the order in which they ran. */
  readonly cleanups: readonly CleanupResult[];
}

/** How long tickets in work and in the queue may take once the worker is stopped. */
const drainTimeoutMs = 5000;

/**
 * Starts a worker: a lifecycle with two takers and a feed below it. It has no span, however long it lives. Once it is stopped it takes no more tickets, ends
 * those that it has, and cleans up.
 */
export function startWorker({ runtime, queue, partners }: WorkerOptions): Worker {
  const { model, orders, courier, summaries, archive } = partners;
  const tally = { busy: 0, answered: 0, failed: 0 };
  const news = new CourierNews();
  const takers: LifecycleHandle[] = [];
  const starts = new Map<string, number>();
  const left: string[] = [];
  const cleanups: CleanupResult[] = [];
  const means = { model, lookUpOrder: orderLookUp(runtime, orders), news, itself: service(runtime.service.principalId) };

  const work = async (worker: Lifecycle): Promise<void> => {
    const cleanUp = (name: string, cleanup: Cleanup): void => worker.defer(noted(cleanups, name, cleanup));
    // The last one runs first: what is written into the archive is written when all else is done.
    cleanUp('close log archive', () => archive.add(`${runtime.service.principalId} closed`));
    cleanUp('store summary', ({ scope }) => scope.run('store summary', () => summaries.add(summaryOf(tally, left))));
    cleanUp('hand back tickets', () => left.push(...handBack(queue)));

    // A worker without takers would only collect tickets.
    const take = (taker: Lifecycle): Promise<void> => takeTickets(taker, { queue, means, tally });
    for (const name of ['taker-1', 'taker-2']) takers.push(worker.fork(name, take, { onFailure: 'fail' }));
    if (courier !== undefined) worker.fork('courier-feed', (feed) => followCourier(feed, courier, news), feedSupervision);

    if (worker.running) await once(worker.grace, 'abort');
    queue.close();
  };

  // Forks inherit it, and each new life of one that failed counts.
  const onStarted = ({ path }: LifecycleHandle): void => void starts.set(path, (starts.get(path) ?? 0) + 1);
  const lifecycle = runtime.lifecycle('worker', work, { drainTimeoutMs, onStarted });
  return { lifecycle, takers, tally, news, starts, left, cleanups };
}

/** A cleanup whose result is kept. What it throws goes on: it belongs into the trace and the outcome too. */
function noted(results: CleanupResult[], name: string, cleanup: Cleanup): Cleanup {
  return async (call) => {
    try {
      await cleanup(call);
      results.push({ name });
    } catch (error: unknown) {
      results.push({ name, error });
      throw error;
    }
  };
}

/** Tells those who follow a ticket that nobody will get to it. */
function handBack(queue: Queue<TicketMessage>): readonly string[] {
  return queue.clear().map(({ ticket }) => {
    ticket.status = 'failed';
    ticket.progress.add({ name: 'failed', data: { reason: 'the desk was closed' } });
    return ticket.id;
  });
}

function summaryOf({ answered, failed }: Tally, left: readonly string[]): string {
  return `${answered} answered, ${failed} failed, ${left.length} left`;
}
