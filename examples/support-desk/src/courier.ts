/** What the courier says about its parcels, and for how long that holds. */
export interface CourierAnswer {
  /** Such as "tomorrow". */
  readonly arrival: string;
  readonly holdsForMs: number;
}

/** The company that carries the parcels. */
export interface Courier {
  ask(signal: AbortSignal): Promise<CourierAnswer>;
}

/** The courier gave no answer. */
class CourierUnreachable extends Error {
  override readonly name = 'CourierUnreachable';

  constructor() {
    super('the courier could not be reached');
  }
}

const firstHoldsForMs = 30;

/** A courier whose first answer soon gets old, who cannot be reached the second time, and whose answers hold for `holdsForMs` from then on. */
export function scriptedCourier({ holdsForMs }: { readonly holdsForMs: number }): Courier {
  let asked = 0;
  return {
    async ask() {
      asked += 1;
      if (asked === 1) return { arrival: 'the day after tomorrow', holdsForMs: firstHoldsForMs };
      if (asked === 2) throw new CourierUnreachable();
      return { arrival: 'tomorrow', holdsForMs };
    },
  };
}
