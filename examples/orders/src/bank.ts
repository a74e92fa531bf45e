import type { Order } from './order.ts';

/** The bank gave no answer. Asking again may help: nothing says that it does not. */
class BankSilent extends Error {
  override readonly name = 'BankSilent';

  constructor() {
    super('the bank gave no answer');
  }
}

const patience = { good: 1, slow: 3, dead: Number.POSITIVE_INFINITY };

/** Charges the customer of `order`, as far as the bank of its card answers the `attempt`th question. */
export async function charge({ card }: Order, attempt: number): Promise<void> {
  if (attempt < patience[card]) throw new BankSilent();
}
