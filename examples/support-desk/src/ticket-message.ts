import { z } from 'zod';
import { travellingCaller, unpackCaller } from './callers.ts';

/** A ticket on its way to the worker, and who opened it. The worker believes what it says: only the reception publishes it. */
export const ticketMessage = z.object({
  ticket: z.string(),
  caller: travellingCaller.transform(unpackCaller),
});
