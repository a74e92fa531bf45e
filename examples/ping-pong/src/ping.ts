import { defineComponent } from 'tracewright/component';
import { z } from 'zod';
import { ball, rally } from './ball.ts';

/** Serves when asked to, and plays on as long as the rally lasts. */
export const ping = defineComponent({
  name: 'ping',
  doc: 'Serves when asked to, and plays on as long as the rally lasts.',
  options: z.object({
    strokes: z.number().int().positive(),
    intervalMs: z.number().nonnegative().default(0),
  }),
  interests: { serve: z.object({}), pong: ball },
  aspects: { ping: ball, over: rally },
  bootstrap(_lifecycle, link, { strokes, intervalMs }) {
    link.subscribe('serve', () => link.publish('ping', { stroke: 1 }));
    link.subscribe('pong', async ({ payload: { stroke } }, { clock, signal }) => {
      await clock.sleep(intervalMs, { signal });
      if (stroke < strokes) await link.publish('ping', { stroke: stroke + 1 });
      else await link.publish('over', { strokes: stroke });
    });
  },
});
