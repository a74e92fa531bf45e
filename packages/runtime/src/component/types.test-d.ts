import type { Scope } from 'tracewright';
import { type Codec, defineComponent, type Link, type Message } from 'tracewright/component';
import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';

const order = z.object({ id: z.string(), price: z.number().default(0), at: z.iso.datetime().transform((text) => new Date(text)) });
declare const codec: Codec;

describe('defineComponent', () => {
  test('gives bootstrap the options that the schema makes', () => {
    defineComponent({
      name: 'shop',
      options: z.object({ volume: z.number().default(5) }),
      bootstrap: (_l, _link, options) => expectTypeOf(options).toEqualTypeOf<{ volume: number }>(),
    });
    defineComponent({ name: 'shop', bootstrap: (_l, _link, options) => expectTypeOf(options).toEqualTypeOf<undefined>() });
  });

  test('gives handlers what the schema makes of a payload, and takes from publishers what it accepts', () => {
    defineComponent({
      name: 'shop',
      interests: { orders: order },
      aspects: { receipts: { schema: order, codec } },
      bootstrap(_l, link) {
        link.subscribe('orders', ({ payload }) => expectTypeOf(payload).toEqualTypeOf<{ id: string; price: number; at: Date }>());
        expectTypeOf(link.publish<'receipts'>)
          .parameter(1)
          .toEqualTypeOf<{ id: string; at: string; price?: number | undefined }>();
      },
    });
  });

  test('gives handlers of batches, written in place, the messages and a scope', () => {
    defineComponent({
      name: 'shop',
      interests: { orders: order },
      bootstrap(_l, link) {
        link.subscribe(
          'orders',
          async (messages, scope) => {
            expectTypeOf(messages).toEqualTypeOf<readonly Message<{ id: string; price: number; at: Date }>[]>();
            expectTypeOf(scope).toEqualTypeOf<Scope>();
            return messages.map((message) => ({ message, error: new Error('no') }));
          },
          { batch: { size: 10 } },
        );
      },
    });
  });

  test('knows no name that is not declared', () => {
    defineComponent({
      name: 'shop',
      interests: { orders: order },
      bootstrap(_l, link) {
        // @ts-expect-error -- no aspect is declared
        void link.publish('orders', { id: '1', at: '' });
        // @ts-expect-error -- it is an interest of another name
        link.subscribe('order', () => undefined);
      },
    });
    expectTypeOf<Link>().toHaveProperty('publish');
  });
});
