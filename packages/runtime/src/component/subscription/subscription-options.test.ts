import { defineComponent, deploy, memoryTransport, type SubscribeOptions } from 'tracewright/component';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

test.each<[string, unknown, string]>([
  ['no concurrency', { concurrency: 0 }, 'subscribe.concurrency must be a whole number of at least 1, received 0'],
  [
    'less ahead than at once',
    { concurrency: 4, prefetch: 2 },
    'subscribe.prefetch must be at least what is handled at once (4), received 2',
  ],
  [
    'a dead letter that is the destination',
    { deadLetter: { destination: 'orders' } },
    'subscribe.deadLetter.destination must be another destination than the one that is subscribed to',
  ],
  ['an unknown order', { order: 'fifo' }, "subscribe.order must be key, none, all, received 'fifo'"],
  ['an unknown option', { retries: 3 }, 'subscribe.retries is not an option'],
  ['an unknown option of retry', { retry: { attempts: 3 } }, 'subscribe.retry.attempts is not an option'],
  [
    'a first wait above the longest',
    { retry: { delayMs: 100, maxDelayMs: 10 } },
    'subscribe.retry.delayMs must be at most maxDelayMs (10), received 100',
  ],
  ['what cannot remember', { seen: { has: () => true } }, 'subscribe.seen.add must be a function'],
  ['a batch of nothing', { batch: { size: 0 } }, 'subscribe.batch.size must be a whole number of at least 1'],
  ['an order, which batches have not', { batch: { size: 2 }, order: 'key' }, 'subscribe.order is not an option'],
  ['less ahead than one batch', { batch: { size: 5 }, prefetch: 3 }, 'subscribe.prefetch must be at least what is handled at once (5)'],
])('is refused: %s', async (_, options, message) => {
  using traces = recordTraces();
  const shop = defineComponent({
    name: 'shop',
    interests: { orders: z.object({}) },
    bootstrap: (_l, link) => void link.subscribe('orders', () => undefined, options as SubscribeOptions),
  });
  const given = { identifier: 'fp', revision: 1, allocations: [{ component: 'shop' }] };
  const deployment = await deploy(given, { runtime: traces.runtime(), components: [shop], transport: memoryTransport() });
  await expect(deployment.ready).rejects.toMatchObject({
    code: 'TW_COMPONENT_FAILED',
    cause: { code: 'TW_BAD_OPTION', message: expect.stringContaining(message) as string },
  });
  await deployment.done;
});
