import { operation, type Runtime, type Scope, service } from 'tracewright';
import type { TicketMessage } from './desk.ts';
import type { Model } from './model.ts';
import { lookUpOrder } from './orders.ts';
import type { Queue } from './queue.ts';
import type { Ticket } from './tickets.ts';

export interface WorkerOptions {
  readonly runtime: Runtime;
  readonly queue: Queue<TicketMessage>;
  readonly model: Model;
}

/** Answers tickets from a queue until that is closed. It lives as long as the process and has no span; each ticket has a trace of its own. */
export interface Worker {
  readonly busy: number;
  readonly answered: number;
  readonly failed: number;
  /** Resolves when the queue is closed and empty and the last ticket is handled. */
  readonly done: Promise<void>;
}

const concurrency = 2;
const handleTicket = operation({ name: 'handle ticket', kind: 'consumer' });

/** Starts taking tickets at once. */
export function startWorker({ runtime, queue, model }: WorkerOptions): Worker {
  const count = { busy: 0, answered: 0, failed: 0 };
  const itself = service(runtime.service.principalId);

  const handle = async ({ ticket, principal, headers }: TicketMessage): Promise<void> => {
    count.busy += 1;
    try {
      // A root of its own, linked to the span that handed the ticket over: the trace of the request ended long ago.
      const options = { as: principal, link: headers, identity: { extend: { 'ticket.id': ticket.id } } };
      await runtime.run(handleTicket, (scope) => answerTicket(scope, ticket, { model, itself }), options);
      count.answered += 1;
    } catch (error: unknown) {
      // The trace has the error already. Who follows the ticket learns that there was one, and the next ticket is not held up by it.
      count.failed += 1;
      ticket.status = 'failed';
      ticket.progress.add({ name: 'failed', data: { reason: error instanceof Error ? error.message : String(error) } });
    } finally {
      count.busy -= 1;
    }
  };

  const takeTickets = async (): Promise<void> => {
    for await (const message of queue) await handle(message);
  };
  const done = Promise.all(Array.from({ length: concurrency }, takeTickets)).then(() => undefined);

  return {
    done,
    get busy() {
      return count.busy;
    },
    get answered() {
      return count.answered;
    },
    get failed() {
      return count.failed;
    },
  };
}

async function answerTicket(
  scope: Scope,
  ticket: Ticket,
  { model, itself }: { readonly model: Model; readonly itself: ReturnType<typeof service> },
): Promise<void> {
  const { progress, form } = ticket;
  ticket.status = 'working';
  progress.add({ name: 'working', data: { ticket: ticket.id } });

  const { order } = form;
  if (order !== undefined) await scope.run({ name: 'look up order', kind: 'client' }, () => lookUpOrder(order));

  // GenAI attributes are left out on purpose: the names of the spans are enough to read the tree, and no text of a prompt or an answer can slip in.
  const answer = await scope.run('action', async (action) => {
    let text = '';
    const words = action.stream({ name: `chat ${model.name}`, kind: 'client' }, (chat) => model.answer(ticket, chat));
    for await (const word of words) {
      text += word;
      progress.add({ name: 'text', data: { text: word } });
    }
    return text;
  });

  // The user asked; the books are the service's own.
  const store = (): void => {
    ticket.answer = answer;
    ticket.status = 'answered';
  };
  await scope.run('store answer', store, { as: itself });
  progress.add({ name: 'answered', data: { answer } });
}
