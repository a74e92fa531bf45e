import { type Lifecycle, operation } from 'tracewright';
import { answerTicket, type Means } from './answer-ticket.ts';
import type { TicketMessage } from './desk.ts';
import type { Queue } from './queue.ts';

/** What the takers of a worker have done, all together. */
export interface Tally {
  /** Tickets in work. */
  busy: number;
  answered: number;
  failed: number;
}

const handleTicket = operation({ name: 'handle ticket', kind: 'consumer' });

/** Answers tickets, one after the other, until the queue is closed and empty, or `taker` is terminated: then it leaves what is in the queue. */
export async function takeTickets(
  taker: Lifecycle,
  { queue, means, tally }: { readonly queue: Queue<TicketMessage>; readonly means: Means; readonly tally: Tally },
): Promise<void> {
  for await (const { ticket, principal, headers } of queue) {
    tally.busy += 1;
    try {
      // A root of its own, linked to the span that handed the ticket over: the trace of the request ended long ago.
      const options = { as: principal, link: headers, identity: { extend: { 'ticket.id': ticket.id } } };
      await taker.run(handleTicket, (scope) => answerTicket(scope, ticket, means), options);
      tally.answered += 1;
    } catch (error: unknown) {
      // The trace has the error already. Who follows the ticket learns that there was one, and the next ticket is not held up by it.
      tally.failed += 1;
      ticket.status = 'failed';
      ticket.progress.add({ name: 'failed', data: { reason: error instanceof Error ? error.message : String(error) } });
    } finally {
      tally.busy -= 1;
    }
    if (taker.signal.aborted) return;
  }
}
