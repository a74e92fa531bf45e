import { defineComponent, deploy, memoryTransport } from 'tracewright/component';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

const ball = z.object({ n: z.number() });

test('two components pass a message on, each try a trace of its own that is linked to its sender', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock, service: { name: 'table' } });
  const seen: number[] = [];
  let over: () => void = () => undefined;
  const isOver = new Promise<void>((resolve) => (over = resolve));
  const ping = defineComponent({
    name: 'ping',
    options: z.object({ times: z.number() }),
    aspects: { ping: ball },
    interests: { pong: ball },
    async bootstrap(l, link, { times }) {
      link.subscribe('pong', async ({ payload }) => {
        seen.push(payload.n);
        if (payload.n < times) await link.publish('ping', { n: payload.n + 1 });
        else over();
      });
      l.fork('serve', (own) => own.run('serve', () => link.publish('ping', { n: 1 })));
    },
  });
  const pong = defineComponent({
    name: 'pong',
    aspects: { pong: ball },
    interests: { ping: ball },
    bootstrap: (_l, link) => void link.subscribe('ping', ({ payload }) => link.publish('pong', payload)),
  });
  const footprint = {
    identifier: 'fp-1',
    revision: 3,
    name: 'table',
    allocations: [{ component: 'ping', options: { times: 2 } }, { component: 'pong' }],
  };
  const deployment = await deploy(footprint, { runtime, components: [ping, pong], transport: memoryTransport({ clock }) });
  await expect(deployment.ready).resolves.toMatchObject([{ state: 'ready' }, { state: 'ready' }]);
  await isOver;
  await expect(deployment.stop()).resolves.toBe(true);
  await expect(deployment.done).resolves.toMatchObject({ status: 'stopped', failures: [] });
  expect(traces.open).toEqual([]);
  expect(seen).toEqual([1, 2]);
  expect(traces.render({ attributes: ['component.name', 'component.path', 'tracewright.settled'] })).toMatchInlineSnapshot(`
    "footprint.apply  service table
       component.path = "table/apply"

    ping.bootstrap  service table
       component.name = "ping"
       component.path = "table/ping"

    serve  service table
    │  component.name = "ping"
    │  component.path = "table/ping/serve"
    │  → link to ping.bootstrap (cause)
    └─ send ping  PRODUCER
          component.name = "ping"
          component.path = "table/ping/serve"

    pong.bootstrap  service table
       component.name = "pong"
       component.path = "table/pong"

    process ping  CONSUMER  service table
    │  component.name = "pong"
    │  component.path = "table/pong/ping"
    │  tracewright.settled = "ack"
    │  → link to send ping (producer)
    └─ send pong  PRODUCER
          component.name = "pong"
          component.path = "table/pong/ping"

    process pong  CONSUMER  service table
    │  component.name = "ping"
    │  component.path = "table/ping/pong"
    │  tracewright.settled = "ack"
    │  → link to send pong (producer)
    └─ send ping  PRODUCER
          component.name = "ping"
          component.path = "table/ping/pong"

    process ping  CONSUMER  service table
    │  component.name = "pong"
    │  component.path = "table/pong/ping"
    │  tracewright.settled = "ack"
    │  → link to send ping (producer)
    └─ send pong  PRODUCER
          component.name = "pong"
          component.path = "table/pong/ping"

    process pong  CONSUMER  service table
       component.name = "ping"
       component.path = "table/ping/pong"
       tracewright.settled = "ack"
       → link to send pong (producer)"
  `);
});
