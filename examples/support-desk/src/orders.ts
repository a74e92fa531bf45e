/** The order system did not answer. */
class OrderSystemDown extends Error {
  override readonly name = 'OrderSystemDown';
}

/** Stands in for the order system of the company. It knows every order but those of series X, where it breaks down. */
export function lookUpOrder(order: string): Promise<{ readonly order: string; readonly shipped: boolean }> {
  if (order.startsWith('X-')) return Promise.reject(new OrderSystemDown('the order system did not answer'));
  return Promise.resolve({ order, shipped: true });
}
