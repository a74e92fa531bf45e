import { type Component, defineComponent } from 'tracewright/component';
import { numbered } from '../numbered.ts';
import type { SoakOptions } from './soak-options.ts';
import type { Tally } from './tally.ts';

/** Handles the messages. `onFirst` is called for each message that is handled for the first time. */
export function sinkOf({ concurrency, handlerMs }: SoakOptions, tally: Tally, onFirst: () => void): Component {
  return defineComponent({
    name: 'sink',
    interests: { numbers: numbered },
    bootstrap(_l, link) {
      link.subscribe(
        'numbers',
        async ({ payload, attempt }, { clock, signal }) => {
          if (handlerMs > 0) await clock.sleep(handlerMs, { signal });
          if (tally.add(payload.n, attempt)) onFirst();
        },
        { concurrency, prefetch: Math.max(100, concurrency) },
      );
    },
  });
}

/** Sends the messages, as fast as they are handled. */
export function sourceOf({ messages }: SoakOptions, tally: Tally, senders: number): Component {
  return defineComponent({
    name: 'source',
    aspects: { numbers: numbered },
    bootstrap(l, link) {
      let next = 0;
      for (let sender = 1; sender <= senders; sender += 1) {
        l.fork(`send ${sender}`, async ({ signal }) => {
          while (next < messages) {
            const n = next;
            next += 1;
            await tally.room(n, signal);
            await link.publish('numbers', { n });
          }
        });
      }
    },
  });
}
