import { defineComponent } from 'tracewright/component';
import { z } from 'zod';

const cup = z.object({ guest: z.string() });

/** Brews tea for whoever asks. */
export const kettle = defineComponent({
  name: 'kettle',
  doc: 'Brews tea for whoever asks.',
  options: z.object({ litres: z.number().positive().max(10), leaks: z.boolean().default(false) }),
  interests: { wanted: cup },
  aspects: { brewed: cup },
  bootstrap(_lifecycle, link, { leaks }) {
    if (leaks) throw new Error('the kettle leaks');
    link.subscribe('wanted', ({ payload }) => link.publish('brewed', payload));
  },
});

/** Brings tea to the guests. */
export const waiter = defineComponent({
  name: 'waiter',
  doc: 'Brings tea to the guests.',
  interests: { brewed: cup },
  bootstrap(_lifecycle, link) {
    link.subscribe('brewed', () => undefined);
  },
});
