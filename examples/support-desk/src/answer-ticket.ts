import { content, operation, type Scope, type ServicePrincipal } from 'tracewright';
import type { CourierNews } from './courier-feed.ts';
import type { LookUpOrder } from './look-up-order.ts';
import type { Model, Question } from './model.ts';
import type { OrderState } from './orders.ts';
import type { Ticket } from './tickets.ts';

/** What a ticket is answered with. */
export interface Means {
  readonly model: Model;
  readonly lookUpOrder: LookUpOrder;
  readonly news: CourierNews;
  /** The desk itself. */
  readonly itself: ServicePrincipal;
}

/** Answers a ticket, and tells those who follow it how far it is. */
export async function answerTicket(scope: Scope, ticket: Ticket, { model, lookUpOrder, news, itself }: Means): Promise<void> {
  const { progress, form, topic } = ticket;
  ticket.status = 'working';
  progress.add({ name: 'working', data: { ticket: ticket.id } });

  const orders = await lookUpAll(form.orders, (order) => lookUpOrder.in(scope, order));

  const chat = operation({ name: `chat ${model.name}`, kind: 'client', carriesContent: true });
  const question = { topic, orders, arrival: news.arrival };
  const answer = await scope.run('action', async (action) => {
    let text = '';
    for await (const word of action.stream(chat, (chatting) => ask(model, question, chatting))) {
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

/** Looks up orders side by side. Not by `Promise.all`: a look-up that fails must not leave the others to nobody. */
async function lookUpAll(orders: readonly string[], lookUp: (order: string) => Promise<OrderState>): Promise<OrderState[]> {
  const results = await Promise.allSettled(orders.map((order) => lookUp(order)));
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/**
 * Hands the words of the model on. What it wrote is content: the span gets it only as far as the content policy lets it, by default not at all, and neither
 * do the messages of errors, as the operation says that it carries content.
 */
async function* ask(model: Model, question: Question, scope: Scope): AsyncGenerator<string, void, undefined> {
  let text = '';
  for await (const word of model.answer(question, scope)) {
    text += word;
    yield word;
  }
  const message = { role: 'assistant', parts: [{ type: 'text', content: text }], finish_reason: 'stop' };
  scope.set({ 'gen_ai.output.messages': content(JSON.stringify([message])) });
}
