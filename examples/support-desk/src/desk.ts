import type { Principal, Scope } from 'tracewright';
import { checkTicketForm } from './ticket-form.ts';
import { failTicket, type Ticket, type Tickets, type Topic } from './tickets.ts';

export type OpenedTicket = { readonly kind: 'opened'; readonly ticket: Ticket } | { readonly kind: 'refused'; readonly problem: string };

export interface Desk {
  readonly tickets: Tickets;
  /** Gives a ticket to whoever answers tickets; rejects where it cannot be had there. */
  readonly handOver: (ticket: Ticket, caller: Principal) => Promise<void>;
}

/**
 * Opens a ticket from the text of a request: checks it, stores it, finds out what it is about, hands it over. Each step is an operation of its own, and none of
 * them says who executes: that comes with the scope.
 */
export async function openTicket(scope: Scope, { tickets, handOver }: Desk, text: string): Promise<OpenedTicket> {
  const checked = await scope.run('validate ticket', () => checkTicketForm(text));
  if (!checked.ok) return { kind: 'refused', problem: checked.problem };

  const ticket = await scope.run('store ticket', () => tickets.add(checked.form));
  scope.set({ 'ticket.id': ticket.id });
  try {
    await scope.run('enrich ticket', async (enrich) => {
      ticket.topic = await enrich.run('find topic', () => topicOf(checked.form.subject));
    });
    ticket.progress.add({ name: 'queued', data: { ticket: ticket.id, topic: ticket.topic } });
    await handOver(ticket, scope.principal);
  } catch (error: unknown) {
    failTicket(ticket, 'it could not be handed over');
    throw error;
  }
  return { kind: 'opened', ticket };
}

function topicOf(subject: string): Topic {
  if (/parcel|deliver/i.test(subject)) return 'delivery';
  return /invoice|bill|price/i.test(subject) ? 'billing' : 'other';
}
