import { z } from 'zod';

/** What goes over the table: which stroke of the rally it is. */
export const ball = z.object({ stroke: z.number().int().positive() });

/** How long a rally was. */
export const rally = z.object({ strokes: z.number().int() });
