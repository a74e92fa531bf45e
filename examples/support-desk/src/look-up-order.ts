import { cache, type Defined, limit, operation, retry, type Runtime, timeout } from 'tracewright';
import type { OrderState, OrderSystem } from './orders.ts';

export type LookUpOrder = Defined<[order: string], OrderState>;

/**
 * Looks up orders as one that depends on a slow and unreliable system should, made once.
 *
 * Outermost first: an answer that is kept needs no place; who has a place keeps it for all its tries, so that the order system is never asked two things at
 * once; each try has its own time, and the whole of it, with the wait for a place, has a second.
 */
export function orderLookUp(runtime: Runtime, orders: OrderSystem): LookUpOrder {
  const lookUp = operation({
    name: 'look up order',
    kind: 'client',
    interceptors: [
      // Shared: the state of an order is the same for everybody who may ask the desk. Without it, each caller would have answers of their own.
      cache({ key: (_scope, order: string) => order, ttlMs: 60_000, maxEntries: 1000, shared: true }),
      limit({ concurrency: 1, maxQueue: 100 }),
      retry({ maxAttempts: 3, delayMs: 10 }),
      timeout({ timeoutMs: 50, totalMs: 1000 }),
    ],
  });
  return runtime.define(lookUp, (scope, order: string) => orders.find(order, scope.signal));
}
