import type { Scope } from 'tracewright';
import type { Ticket, Topic } from './tickets.ts';

/** A language model, as far as the desk needs one. */
export interface Model {
  readonly name: string;
  /** Writes an answer piece by piece; stops when `scope.signal` aborts. */
  answer(ticket: Ticket, scope: Scope): AsyncIterable<string>;
}

const answers: Readonly<Record<Topic, string>> = {
  delivery: 'Your parcel left our warehouse this morning and will be with you the day after tomorrow.',
  billing: 'The invoice was wrong, we are sorry. A corrected one is on its way to you by mail.',
  other: 'Thank you for writing to us. One of my colleagues will have a look at it today.',
};

/** A model that needs no network: it knows one answer per topic and writes it word by word, with `delayMs` before each. */
export function scriptedModel({ delayMs = 20 }: { readonly delayMs?: number } = {}): Model {
  return {
    name: 'scripted',
    async *answer({ topic }, { clock, signal }) {
      for (const word of answers[topic].split(/(?<= )/)) {
        await clock.sleep(delayMs, { signal });
        yield word;
      }
    },
  };
}
