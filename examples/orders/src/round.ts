import type { Order } from './order.ts';

/** An order that comes from outside, in whatever form. */
export interface Letter {
  readonly id: string;
  readonly customer: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface Round {
  readonly orders: readonly Order[];
  readonly letters: readonly Letter[];
}

/** How many customers order in one round, and how many of their orders end as receipts. */
export const perRound = { orders: 8, receipts: 5 };

const maxOfCustomer = 3;

/** What customers want in one round: some of it several times, some of it in a form that nobody understands. */
export function roundOf(round: number): Round {
  const idOf = (customer: string, number: number): string => `${customer}-${(round - 1) * maxOfCustomer + number}`;
  const bought = (customer: string, number: number, card: Order['card']): Order => ({
    id: idOf(customer, number),
    customer,
    cents: 1999,
    card,
  });
  const wrote = (customer: string, number: number, text: string): Letter => {
    return { id: idOf(customer, number), customer, body: new TextEncoder().encode(text) };
  };
  return {
    orders: [
      bought('ada', 1, 'good'),
      bought('ada', 2, 'slow'),
      bought('ada', 3, 'good'),
      bought('bob', 1, 'good'),
      bought('cyd', 1, 'dead'),
      bought('cyd', 2, 'good'),
    ],
    letters: [wrote('bob', 2, 'one lamp, please'), wrote('dan', 1, '{ "id": "dan-1", "customer": "dan", "cents": "a lot" }')],
  };
}
