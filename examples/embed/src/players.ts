import { defineComponent } from 'tracewright/component';
import { z } from 'zod';

const ball = z.object({ n: z.number().int().positive() });

/** Serves a ball every so often. */
export const ping = defineComponent({
  name: 'ping',
  doc: 'Serves a ball every so often.',
  options: z.object({
    intervalMs: z.number().int().positive().describe('the wait between two balls'),
    balls: z.number().int().positive().optional().describe('how many it serves (default: without end)'),
  }),
  aspects: { ping: ball },
  bootstrap(lifecycle, link, { intervalMs, balls = Number.POSITIVE_INFINITY }) {
    lifecycle.fork('serve', async (serve) => {
      const { clock } = serve.scope;
      for (let n = 1; serve.running && n <= balls; n += 1) {
        await serve.run('serve', () => link.publish('ping', { n }));
        // A stop ends the wait.
        await clock.sleep(intervalMs, { signal: serve.grace }).catch(() => undefined);
      }
    });
  },
});

/** Plays every ball back. */
export const pong = defineComponent({
  name: 'pong',
  doc: 'Plays every ball back.',
  interests: { ping: ball },
  aspects: { pong: ball },
  bootstrap(_lifecycle, link) {
    link.subscribe('ping', ({ payload }) => link.publish('pong', payload));
  },
});
