import { type Book, MemoryBook, readOnlyArchive } from './books.ts';
import { type Courier, scriptedCourier } from './courier.ts';
import { type Model, scriptedModel } from './model.ts';
import { type OrderSystem, scriptedOrders } from './orders.ts';

/** What the desk works with and does not own. */
export interface Partners {
  readonly model: Model;
  readonly orders: OrderSystem;
  /** Without one, nobody knows when parcels arrive. */
  readonly courier: Courier | undefined;
  readonly summaries: Book;
  readonly archive: Book;
}

export interface ScriptedOptions {
  /** How long most answers of the courier hold. */
  readonly courierHoldsForMs: number;
}

/** Partners that follow a script, so that nothing has to be installed or paid for; some of them fail, at places that are always the same. */
export function scriptedPartners({ courierHoldsForMs }: ScriptedOptions): Partners {
  return {
    model: scriptedModel(),
    orders: scriptedOrders(),
    courier: scriptedCourier({ holdsForMs: courierHoldsForMs }),
    summaries: new MemoryBook(),
    archive: readOnlyArchive,
  };
}
