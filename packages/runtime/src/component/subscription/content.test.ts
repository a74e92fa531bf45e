import { inspect } from 'node:util';
import { defineComponent, deploy } from 'tracewright/component';
import { fakeClock, recordTraces, testTransport } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

const canary = 'CANARY-4711';

test.each([
  ['one by one', undefined],
  ['in batches', { size: 5, waitMs: 10 }],
])('G7: what a handler says of a message %s is content, where the subscription says so', async (_, batch) => {
  using traces = recordTraces();
  const clock = fakeClock();
  const broker = testTransport({ clock });
  const fail = (payload: { readonly card: string }): never => {
    throw new Error(`no money on ${payload.card}`);
  };
  const till = defineComponent({
    name: 'till',
    interests: { closed: z.object({ card: z.string() }), open: z.object({ card: z.string() }) },
    bootstrap(_l, link) {
      const retry = { maxAttempts: 1 };
      if (batch === undefined) {
        link.subscribe('closed', ({ payload }) => fail(payload), { retry, carriesContent: true });
        link.subscribe('open', ({ payload }) => fail(payload), { retry });
        return;
      }
      link.subscribe('closed', (messages) => messages.forEach(({ payload }) => fail(payload)), { retry, batch, carriesContent: true });
      link.subscribe('open', (messages) => messages.forEach(({ payload }) => fail(payload)), { retry, batch });
    },
  });
  const footprint = { identifier: 'f', revision: 1, allocations: [{ component: 'till' }] };
  const deployment = await deploy(footprint, { runtime: traces.runtime({ clock }), components: [till], transport: broker });
  await deployment.ready;
  await broker.send('closed', { card: canary });
  await broker.send('open', { card: canary });
  await clock.advance(100);
  await deployment.stop();
  expect(inspect(traces.find('process open'), { depth: 9 })).toContain(canary);
  expect(inspect(traces.find('process closed'), { depth: 9 })).not.toContain(canary);
  expect(traces.find('process closed').attributes).toMatchObject({ 'error.type': 'Error', 'tracewright.settled': 'dead_letter' });
});

test('G7: whether errors carry content is said by a boolean', async () => {
  using traces = recordTraces();
  const till = defineComponent({
    name: 'till',
    interests: { orders: z.unknown() },
    bootstrap: (_l, link) => void link.subscribe('orders', () => undefined, { carriesContent: 'yes' as never }),
  });
  const footprint = { identifier: 'f', revision: 1, allocations: [{ component: 'till' }] };
  const deployment = await deploy(footprint, { runtime: traces.runtime(), components: [till], transport: testTransport() });
  await expect(deployment.ready).rejects.toMatchObject({ cause: { code: 'TW_BAD_OPTION' } });
  await deployment.done;
});
