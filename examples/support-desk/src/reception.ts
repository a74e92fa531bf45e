import { once } from 'node:events';
import type { Principal, Runtime } from 'tracewright';
import { type Component, defineComponent } from 'tracewright/component';
import { type Fallback, packCaller } from './callers.ts';
import { DeskClosed } from './serve-request.ts';
import { createService, type Service } from './service.ts';
import { ticketMessage } from './ticket-message.ts';
import type { Ticket, Tickets } from './tickets.ts';

/** What answers requests. */
export interface Server {
  serve(app: Service): void;
  /** Takes no new connections from now on. */
  stopAccepting(): void;
}

export interface ReceptionOptions {
  readonly runtime: Runtime;
  readonly tickets: Tickets;
  readonly fallback: Fallback;
  readonly server: Server;
}

/**
 * Answers requests, and publishes a message for each ticket that is opened. Each request is an operation of this component, which waits at its end for those that
 * are under way; streams may go on after it.
 */
export function defineReception({ runtime, tickets, fallback, server }: ReceptionOptions): Component {
  return defineComponent({
    name: 'reception',
    doc: 'Opens tickets over HTTP.',
    aspects: { tickets: ticketMessage },
    bootstrap(reception, link) {
      const handOver = async (ticket: Ticket, caller: Principal): Promise<void> => {
        // The worker stops at the same time: nobody here would get to it.
        if (!reception.running) throw new DeskClosed();
        await link.publish('tickets', { ticket: ticket.id, caller: packCaller(caller) });
      };
      server.serve(createService({ runtime, reception, fallback }, { tickets, handOver }));
      // Without something that lasts, a component has ended as soon as it has begun.
      reception.fork('http', async ({ grace }) => {
        if (!grace.aborted) await once(grace, 'abort');
        server.stopAccepting();
      });
    },
  });
}
