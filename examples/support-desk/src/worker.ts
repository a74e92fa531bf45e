import { type Cleanup, type Runtime, service } from 'tracewright';
import { type Component, defineComponent, type SubscriptionStats } from 'tracewright/component';
import { answerTicket } from './answer-ticket.ts';
import { CourierNews, feedSupervision, followCourier } from './courier-feed.ts';
import { orderLookUp } from './look-up-order.ts';
import type { Partners } from './partners.ts';
import { ticketMessage } from './ticket-message.ts';
import { failTicket, type Tickets } from './tickets.ts';

export interface WorkerOptions {
  readonly runtime: Runtime;
  readonly tickets: Tickets;
  readonly partners: Partners;
}

/** A cleanup that has run. */
export interface CleanupResult {
  readonly name: string;
  /** Only where it failed. */
  readonly error?: unknown;
}

export type Tally = Readonly<Pick<SubscriptionStats, 'inFlight' | 'handled' | 'failed'>>;

/** What a worker has done so far. */
export class WorkerLog {
  tally: Tally = { inFlight: 0, handled: 0, failed: 0 };
  readonly news = new CourierNews();
  /** Ids of the tickets that nobody got to. Empty before the end. */
  readonly left: string[] = [];
  /** In the order in which they ran. */
  readonly cleanups: CleanupResult[] = [];
}

/** Answers tickets, two at a time, and follows the courier; keeps `log`. However long it lives, it has no span. */
export function defineWorker({ runtime, tickets, partners }: WorkerOptions, log: WorkerLog): Component {
  const { model, orders, courier, summaries, archive } = partners;
  const means = { model, lookUpOrder: orderLookUp(runtime, orders), news: log.news, itself: service(runtime.service.principalId) };

  return defineComponent({
    name: 'worker',
    doc: 'Answers tickets.',
    interests: { tickets: ticketMessage },
    bootstrap(worker, link) {
      const cleanUp = (name: string, cleanup: Cleanup): void => worker.defer(noted(log.cleanups, name, cleanup));
      // The last one runs first: what is written into the archive is written when all else is done.
      cleanUp('close log archive', () => archive.add(`${runtime.service.principalId} closed`));
      cleanUp('store summary', ({ scope }) => scope.run('store summary', () => summaries.add(summaryOf(log))));
      cleanUp('hand back tickets', () => log.left.push(...handBack(tickets)));

      const { stats } = link.subscribe(
        'tickets',
        async ({ payload: { ticket: id, caller } }, scope) => {
          const ticket = tickets.find(id);
          if (ticket === undefined) throw new Error(`ticket ${id} is not kept any longer`);
          try {
            // The message is the worker's to take; what is done about it, is done as who opened the ticket.
            const options = { as: caller, identity: { extend: { 'ticket.id': id } } };
            await scope.run('handle ticket', (handling) => answerTicket(handling, ticket, means), options);
          } catch (error: unknown) {
            failTicket(ticket, error instanceof Error ? error.message : String(error));
            throw error;
          }
        },
        // Who follows a ticket has read half of its answer, or that it failed: neither is to be had twice, and nobody needs the message after that.
        { concurrency: 2, retry: { maxAttempts: 1 }, deadLetter: 'drop' },
      );
      log.tally = stats;
      if (courier !== undefined) worker.fork('courier-feed', (feed) => followCourier(feed, courier, log.news), feedSupervision(log.news));
    },
  });
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

/** The broker has these tickets still, and ends with this process: who follows them is told. */
function handBack({ queued }: Tickets): readonly string[] {
  for (const ticket of queued) failTicket(ticket, 'the desk was closed');
  return queued.map(({ id }) => id);
}

function summaryOf({ tally, left }: WorkerLog): string {
  return `${tally.handled} answered, ${tally.failed} failed, ${left.length} left`;
}
