import { type Component, defineComponent, type Message } from 'tracewright/component';
import { type Receipt, receipt } from './order.ts';
import { perRound } from './round.ts';

/** Somebody else writes on that page. */
class PageLocked extends Error {
  override readonly name = 'PageLocked';

  constructor(customer: string) {
    super(`the page of ${customer} is locked`);
  }
}

/** The page of this customer is locked at the first try. */
const slowPage = 'bob';

function isLocked({ payload, attempt }: Message<Receipt>): boolean {
  return payload.customer === slowPage && attempt === 1;
}

/** Books receipts, several with one stroke, and tells `onBooked` which orders they are of. One that cannot be booked fails alone, and is tried again. */
export function defineLedger(onBooked: (orders: readonly string[]) => void): Component {
  return defineComponent({
    name: 'ledger',
    doc: 'Books receipts, several with one stroke.',
    interests: { receipts: receipt },
    bootstrap(_lifecycle, link) {
      link.subscribe(
        'receipts',
        async (messages, scope) => {
          const booked = messages.filter((message) => !isLocked(message));
          if (booked.length > 0) await scope.run('write into the book', () => onBooked(booked.map(({ payload }) => payload.order)));
          return messages.filter(isLocked).map((message) => ({ message, error: new PageLocked(message.payload.customer) }));
        },
        // The wait is longer than all tries of one order take.
        { batch: { size: perRound.receipts, waitMs: 2000 }, retry: { delayMs: 200 } },
      );
    },
  });
}
