import type { Runtime } from 'tracewright';
import type { Fallback } from './callers.ts';
import type { TicketMessage } from './desk.ts';
import type { Partners } from './partners.ts';
import { Queue } from './queue.ts';
import { createService } from './service.ts';
import { Tickets } from './tickets.ts';
import { startWorker, type Worker } from './worker.ts';

export interface SupportDeskOptions {
  readonly runtime: Runtime;
  readonly partners: Partners;
  readonly fallback: Fallback;
}

/** The whole desk: routes, tickets, queue and worker, without a server around them. */
export interface SupportDesk {
  readonly app: ReturnType<typeof createService>;
  readonly worker: Worker;
  /** How many tickets wait for the worker. */
  readonly queued: number;
}

/** Opens a desk. It refuses requests as soon as the worker takes no more tickets. */
export function openDesk({ runtime, partners, fallback }: SupportDeskOptions): SupportDesk {
  const queue = new Queue<TicketMessage>();
  const worker = startWorker({ runtime, queue, partners });
  return {
    app: createService({ runtime, fallback, isOpen: () => !queue.closed }, { tickets: new Tickets(), queue }),
    worker,
    get queued() {
      return queue.size;
    },
  };
}
