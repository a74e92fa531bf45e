import { defineComponent, deploy, type Link } from 'tracewright/component';
import { fakeClock, recordTraces, testTransport } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

const late = z.object({ n: z.number() }).refine(async ({ n }) => {
  await Promise.resolve();
  return n > 0;
});

/** A component that publishes and receives what a schema judges late. */
async function stage() {
  const traces = recordTraces();
  const clock = fakeClock();
  const broker = testTransport({ clock });
  const received: unknown[] = [];
  let publish: Link<{ readonly numbers: typeof late }>['publish'] = () => Promise.resolve();
  const counter = defineComponent({
    name: 'counter',
    aspects: { numbers: late },
    interests: { numbers: late },
    bootstrap(_l, link) {
      publish = (...given) => link.publish(...given);
      link.subscribe('numbers', ({ payload }) => void received.push(payload));
    },
  });
  const footprint = { identifier: 'f', revision: 1, allocations: [{ component: 'counter' }] };
  const deployment = await deploy(footprint, { runtime: traces.runtime({ clock }), components: [counter], transport: broker });
  await deployment.ready;
  return { traces, clock, broker, received, deployment, publish, [Symbol.dispose]: () => traces[Symbol.dispose]() };
}

test('what is sent is what was given, also where it is changed while a schema takes its time', async () => {
  using on = await stage();
  const payload = { n: 1 };
  const published = on.publish('numbers', payload);
  payload.n = 2;
  await published;
  await on.clock.advance(10);
  expect(on.received).toEqual([{ n: 1 }]);
  await on.deployment.stop();
});

test('a schema that answers late refuses what it gets as any other', async () => {
  using on = await stage();
  await expect(on.publish('numbers', { n: 0 })).rejects.toMatchObject({ code: 'TW_BAD_PAYLOAD', data: { at: 'schema' } });
  const circle: { n: number; self?: unknown } = { n: 0 };
  circle.self = circle;
  await expect(on.publish('numbers', circle)).rejects.toMatchObject({ data: { at: 'schema' } });
  await on.broker.send('numbers', { n: -1 });
  await on.clock.advance(10);
  expect(on.received).toEqual([]);
  expect(on.broker.sent('numbers.dead').map(({ headers }) => headers['tracewright-dead-letter-reason'])).toEqual(['TW_BAD_PAYLOAD']);
  await on.deployment.stop();
});
