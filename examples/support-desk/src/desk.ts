import type { Carrier, Principal, Scope } from 'tracewright';
import type { Queue } from './queue.ts';
import { checkTicketForm } from './ticket-form.ts';
import type { Ticket, Tickets, Topic } from './tickets.ts';

/** A ticket on its way to the worker: with the trace that it comes from, and who opened it. */
export interface TicketMessage {
  readonly ticket: Ticket;
  readonly principal: Principal;
  readonly headers: Carrier;
}

export type OpenedTicket =
  | { readonly kind: 'opened'; readonly ticket: Ticket }
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'closed' };

export interface Desk {
  readonly tickets: Tickets;
  readonly queue: Queue<TicketMessage>;
}

/**
 * Opens a ticket from the text of a request: checks it, stores it, finds out what it is about, hands it to the worker. Each step is an operation of its
 * own, and none of them says who executes: that comes with the scope.
 */
export async function openTicket(scope: Scope, { tickets, queue }: Desk, text: string): Promise<OpenedTicket> {
  const checked = await scope.run('validate ticket', () => checkTicketForm(text));
  if (!checked.ok) return { kind: 'refused', problem: checked.problem };

  const ticket = await scope.run('store ticket', () => tickets.add(checked.form));
  scope.set({ 'ticket.id': ticket.id });

  await scope.run('enrich ticket', async (enrich) => {
    ticket.topic = await enrich.run('find topic', () => topicOf(checked.form.subject));
  });

  const taken = await scope.run({ name: 'hand over ticket', kind: 'producer' }, (handOver) => {
    ticket.progress.add({ name: 'queued', data: { ticket: ticket.id, topic: ticket.topic } });
    return queue.offer({ ticket, principal: handOver.principal, headers: handOver.inject() });
  });
  return taken ? { kind: 'opened', ticket } : { kind: 'closed' };
}

function topicOf(subject: string): Topic {
  if (/parcel|deliver/i.test(subject)) return 'delivery';
  return /invoice|bill|price/i.test(subject) ? 'billing' : 'other';
}
