import type { Runtime } from 'tracewright';
import type { Fallback } from './callers.ts';
import type { TicketMessage } from './desk.ts';
import type { Model } from './model.ts';
import { Queue } from './queue.ts';
import { createService } from './service.ts';
import { Tickets } from './tickets.ts';
import { startWorker, type Worker } from './worker.ts';

export interface SupportDeskOptions {
  readonly runtime: Runtime;
  readonly model: Model;
  readonly fallback: Fallback;
}

/** The whole desk: routes, tickets, queue and worker, without a server around them. */
export interface SupportDesk {
  readonly app: ReturnType<typeof createService>;
  readonly worker: Worker;
  /** How many tickets wait for the worker. */
  readonly queued: number;
  /** Refuses new requests from now on. */
  stopIntake(): void;
  /** Lets the worker finish what is queued, for at most `timeoutMs`; gives the ids of the tickets that nobody got to. */
  drain(timeoutMs: number): Promise<readonly string[]>;
}

/** Opens a desk. The worker takes tickets until `drain`. */
export function openDesk({ runtime, model, fallback }: SupportDeskOptions): SupportDesk {
  let isOpen = true;
  const queue = new Queue<TicketMessage>();
  const worker = startWorker({ runtime, queue, model });
  return {
    app: createService({ runtime, fallback, isOpen: () => isOpen }, { tickets: new Tickets(), queue }),
    worker,
    get queued() {
      return queue.size;
    },
    stopIntake() {
      isOpen = false;
    },
    async drain(timeoutMs) {
      queue.close();
      const timer = new AbortController();
      const late = runtime.scope.clock.sleep(timeoutMs, { signal: timer.signal }).catch(() => undefined);
      await Promise.race([worker.done, late]);
      timer.abort();
      const left = queue.clear();
      for (const { ticket } of left) ticket.progress.add({ name: 'failed', data: { reason: 'the desk was closed' } });
      return left.map(({ ticket }) => ticket.id);
    },
  };
}
