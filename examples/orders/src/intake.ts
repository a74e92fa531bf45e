import { bytes, defineComponent } from 'tracewright/component';
import { z } from 'zod';
import { anyBytes, order } from './order.ts';
import { roundOf } from './round.ts';

/** Publishes what customers order, round by round. What came by letter goes on as it came: it is for the till to make sense of it. */
export const intake = defineComponent({
  name: 'intake',
  doc: 'Publishes what customers order.',
  options: z.object({ rounds: z.number().int().positive(), everyMs: z.number().positive() }),
  aspects: { orders: order, letters: { schema: anyBytes, codec: bytes } },
  bootstrap(lifecycle, link, { rounds, everyMs }) {
    lifecycle.fork('rounds', async (customers) => {
      for (let round = 1; round <= rounds; round += 1) {
        const { orders, letters } = roundOf(round);
        await customers.run('take orders', async () => {
          // The key is the customer: orders of one customer are handled in their order.
          for (const placed of orders) await link.publish('orders', placed, { id: placed.id, key: placed.customer });
          for (const { id, customer, body } of letters) await link.publish('letters', body, { id, key: customer });
        });
        // Rejects when it is time to stop, which ends the rounds and is no failure.
        if (round < rounds) await customers.scope.clock.sleep(everyMs, { signal: customers.grace });
      }
    });
  },
});
