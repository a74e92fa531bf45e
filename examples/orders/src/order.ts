import { z } from 'zod';

/** What a customer wants to pay for. */
export const order = z.object({
  id: z.string(),
  customer: z.string(),
  cents: z.number().int().positive(),
  /** How the bank of this card behaves: it answers, it answers the third time, or it never does. */
  card: z.enum(['good', 'slow', 'dead']),
});

export type Order = z.output<typeof order>;

/** What a customer has paid for. */
export const receipt = z.object({ order: z.string(), customer: z.string(), cents: z.number().int() });

export type Receipt = z.output<typeof receipt>;

/** Messages as they are, for those who must take what nobody can read. */
export const anyBytes = z.instanceof(Uint8Array);
