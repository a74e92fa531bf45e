import { Progress } from './progress.ts';
import type { TicketForm } from './ticket-form.ts';

export type Topic = 'delivery' | 'billing' | 'other';

/** A ticket at the desk. */
export interface Ticket {
  readonly id: string;
  readonly form: TicketForm;
  readonly progress: Progress;
  topic: Topic;
  status: 'queued' | 'working' | 'answered' | 'failed';
  answer: string | undefined;
}

const maxKept = 1000;

/** The tickets of this process, newest last. The oldest are forgotten, so that memory stays bounded however long the desk is open. */
export class Tickets {
  readonly #byId = new Map<string, Ticket>();
  #opened = 0;

  add(form: TicketForm): Ticket {
    this.#opened += 1;
    const ticket: Ticket = { id: `T-${this.#opened}`, form, progress: new Progress(), topic: 'other', status: 'queued', answer: undefined };
    this.#byId.set(ticket.id, ticket);
    for (const oldest of this.#byId.keys()) {
      if (this.#byId.size <= maxKept) break;
      this.#byId.delete(oldest);
    }
    return ticket;
  }

  find(id: string): Ticket | undefined {
    return this.#byId.get(id);
  }

  /** Those that nobody has begun with. */
  get queued(): readonly Ticket[] {
    return [...this.#byId.values()].filter(({ status }) => status === 'queued');
  }

  /** Those that somebody works on. */
  get working(): readonly Ticket[] {
    return [...this.#byId.values()].filter(({ status }) => status === 'working');
  }
}

/** Tells those who follow `ticket` that there will be no answer. */
export function failTicket(ticket: Ticket, reason: string): void {
  ticket.status = 'failed';
  ticket.progress.add({ name: 'failed', data: { reason } });
}

/** What the world sees of a ticket. */
export function describeTicket({ id, form, topic, status, answer }: Ticket): Readonly<Record<string, string | undefined>> {
  return { id, status, topic, subject: form.subject, order: orderOf(form), answer, events: `/tickets/${id}/events` };
}

function orderOf({ orders }: TicketForm): string | undefined {
  return orders.length === 0 ? undefined : orders.join(', ');
}
