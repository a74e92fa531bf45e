/** What the order system knows about an order. */
export interface OrderState {
  readonly order: string;
  /** Such as "has left our warehouse". */
  readonly state: string;
}

/** The order system of the company, as far as the desk needs it. */
export interface OrderSystem {
  /** @throws the reason of `signal` once it aborts, where there is no answer yet */
  find(order: string, signal: AbortSignal): Promise<OrderState>;
}

/** The order system did not answer, and will not if it is asked again: `retry` reads that from `retryable`. */
class OrderSystemDown extends Error {
  override readonly name = 'OrderSystemDown';
  readonly retryable = false;

  constructor() {
    super('the order system did not answer');
  }
}

/**
 * An order system that answers at once, but for two series: X breaks it down, and S lies in an archive that sleeps. The first question wakes the archive and
 * stays without an answer; it answers the next one, and falls asleep again.
 */
export function scriptedOrders(): OrderSystem {
  const awake = new Set<string>();
  return {
    async find(order, signal) {
      if (order.startsWith('X-')) throw new OrderSystemDown();
      if (order.startsWith('S-') && !awake.delete(order)) {
        awake.add(order);
        await noAnswer(signal);
      }
      return { order, state: 'has left our warehouse' };
    },
  };
}

function noAnswer(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
