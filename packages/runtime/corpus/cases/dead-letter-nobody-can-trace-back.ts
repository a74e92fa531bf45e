import assert from 'node:assert/strict';
import { context, defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { defineComponent } from 'tracewright/component';
import { fakeClock, recordTraces, testTransport } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { closeShop, consumerOf, openShop, order, take } from '../message-shop.ts';
import { recordPlain } from '../plain-recording.ts';
import { linkedFrom, parentsOf, spanNamed } from '../seen-span.ts';

const propagator = new W3CTraceContextPropagator();

function reserve(): never {
  throw Object.assign(new Error('the warehouse is away'), { name: 'WarehouseError' });
}

export const deadLetterNobodyCanTraceBack = defineCase({
  id: 'dead-letter-nobody-can-trace-back',
  title: 'A message is put aside after its last try, and somebody finds it a week later',
  source: 'pain',
  guarantee: 6,
  plain: {
    breakage: 'it looks as it was sent: who gave up, why and after how many tries is on no span and in no header',
    async run() {
      const plain = recordPlain();
      const { tracer } = plain;
      const broker = testTransport({ clock: fakeClock() });
      const headers = tracer.startActiveSpan('place order', (span) => {
        const sent: Record<string, string> = {};
        propagator.inject(context.active(), sent, defaultTextMapSetter);
        span.end();
        return sent;
      });
      await broker.send('orders', { id: 'A-1' }, { headers });
      for (const delivery of await take(await consumerOf(broker, 'orders'))) {
        const sender = propagator.extract(ROOT_CONTEXT, delivery.headers, defaultTextMapGetter);
        await tracer.startActiveSpan('process orders', {}, sender, async (span) => {
          try {
            reserve();
          } catch {
            await broker.send('orders.dead', delivery.body, { id: delivery.id, headers: delivery.headers });
          }
          await delivery.ack();
          span.end();
        });
      }
      const [letter] = broker.sent('orders.dead');
      assert.deepEqual(letter?.headers, headers);
      const found = propagator.extract(ROOT_CONTEXT, letter?.headers, defaultTextMapGetter);
      tracer.startSpan('process orders.dead', {}, found).end();
      assert.deepEqual(parentsOf(plain.spans, 'process orders.dead'), ['place order']);
      const { status, events, attributes } = spanNamed(plain.spans, 'process orders');
      assert.deepEqual([status.code, events, attributes], ['UNSET', [], {}]);
    },
  },
  tracewright: {
    promise:
      'the letter says who gave up, why, after how many tries, and whose message it was, and links whoever finds it to the try that failed',
    async run() {
      const clock = fakeClock();
      const transport = testTransport({ clock });
      using traces = recordTraces({ clock });
      const runtime = traces.runtime();
      const found: Readonly<Record<string, string>>[] = [];
      const retry = { maxAttempts: 2, delayMs: 1000 };
      const shop = defineComponent({
        name: 'shop',
        interests: { orders: order },
        bootstrap: (_l, link) => void link.subscribe('orders', reserve, { retry }),
      });
      const lostProperty = defineComponent({
        name: 'lost-property',
        interests: { 'orders.dead': order },
        bootstrap: (_l, link) => void link.subscribe('orders.dead', ({ headers }) => found.push(headers)),
      });
      const deployment = await openShop([shop, lostProperty], { runtime, transport, clock });
      await runtime.run('place order', (scope) => transport.send('orders', { id: 'A-1' }, { headers: scope.inject() }));
      await clock.advance(1000);
      await closeShop(deployment, clock);
      const sender = traces.find('place order');
      const [{ 'tracewright-dead-letter-time': time, ...told } = {}] = found;
      assert.ok(time !== undefined && Date.parse(time) <= clock.now());
      assert.deepEqual(told, {
        'tracewright-dead-letter-reason': 'WarehouseError',
        'tracewright-dead-letter-message': 'the warehouse is away',
        'tracewright-dead-letter-attempts': '2',
        'tracewright-dead-letter-origin': 'orders',
        'tracewright-dead-letter-group': 'mall/shop',
        'tracewright-dead-letter-traceparent': `00-${sender.traceId}-${sender.spanId}-01`,
      });
      const settled = traces.spans.filter(({ name }) => name === 'process orders').map((span) => span.attributes['tracewright.settled']);
      assert.deepEqual(settled, ['retry', 'dead_letter']);
      assert.deepEqual(linkedFrom(traces.spans, 'process orders'), ['place order', 'place order']);
      assert.deepEqual(parentsOf(traces.spans, 'send orders.dead'), ['process orders']);
      assert.deepEqual(linkedFrom(traces.spans, 'process orders.dead'), ['send orders.dead']);
    },
  },
});
