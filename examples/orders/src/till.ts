import { defineComponent } from 'tracewright/component';
import { charge } from './bank.ts';
import { order, receipt } from './order.ts';

/**
 * Charges orders: several customers at the same time, those of one customer in their order. A charge that fails is tried again, and holds up nobody but its own
 * customer; what cannot be charged or read goes to `shop.orders.dead`.
 */
export const till = defineComponent({
  name: 'till',
  doc: 'Charges orders, and gives receipts.',
  interests: { orders: order },
  aspects: { receipts: receipt },
  bootstrap(_lifecycle, link) {
    link.subscribe(
      'orders',
      async ({ payload, attempt }, scope) => {
        await scope.run({ name: 'charge', kind: 'client' }, () => charge(payload, attempt));
        const { id, customer, cents } = payload;
        // The same id at each try: whoever gets the receipt twice can tell.
        await link.publish('receipts', { order: id, customer, cents }, { id });
      },
      { concurrency: 4, retry: { maxAttempts: 4, delayMs: 200 } },
    );
  },
});
