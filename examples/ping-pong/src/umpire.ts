import { type Component, defineComponent } from 'tracewright/component';
import { z } from 'zod';
import { rally } from './ball.ts';

/** Has rallies served one after the other, and tells `onRally` how long each was. Once the last one is over, nobody is asked to serve any more. */
export function defineUmpire(onRally: (strokes: number, isLast: boolean) => void): Component {
  return defineComponent({
    name: 'umpire',
    doc: 'Has rallies served one after the other.',
    options: z.object({ rallies: z.number().int().positive() }),
    interests: { over: rally },
    aspects: { serve: z.object({}) },
    bootstrap(lifecycle, link, { rallies }) {
      let played = 0;
      link.subscribe('over', async ({ payload: { strokes } }) => {
        played += 1;
        onRally(strokes, played === rallies);
        if (played < rallies) await link.publish('serve', {});
      });
      lifecycle.fork('begin', (begin) => begin.run('begin', () => link.publish('serve', {})));
    },
  });
}
