import type { Scope } from 'tracewright';
import type { OrderState } from './orders.ts';
import type { Topic } from './tickets.ts';

/** What the model is asked to answer, with what the desk knows about it. */
export interface Question {
  readonly topic: Topic;
  /** The orders that the ticket is about. */
  readonly orders: readonly OrderState[];
  /** When parcels arrive. */
  readonly arrival: string;
}

/** A language model, as far as the desk needs one. */
export interface Model {
  readonly name: string;
  /** Writes an answer piece by piece; stops when `scope.signal` aborts. */
  answer(question: Question, scope: Scope): AsyncIterable<string>;
}

const answers: Readonly<Record<Topic, (question: Question) => string>> = {
  delivery: ({ orders, arrival }) => [...orders.map(describeOrder), `Your parcel will be with you ${arrival}.`].join(' '),
  billing: () => 'The invoice was wrong, we are sorry. A corrected one is on its way to you by mail.',
  other: () => 'Thank you for writing to us. One of my colleagues will have a look at it today.',
};

/** A model that needs no network: it knows one answer per topic and writes it word by word, with `delayMs` before each. */
export function scriptedModel({ delayMs = 20 }: { readonly delayMs?: number } = {}): Model {
  return {
    name: 'scripted',
    async *answer(question, { clock, signal }) {
      for (const word of answers[question.topic](question).split(/(?<= )/)) {
        await clock.sleep(delayMs, { signal });
        yield word;
      }
    },
  };
}

function describeOrder({ order, state }: OrderState): string {
  return `Order ${order} ${state}.`;
}
