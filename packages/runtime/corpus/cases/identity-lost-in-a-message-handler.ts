import assert from 'node:assert/strict';
import type { TracerProvider } from '@opentelemetry/api';
import { defineComponent } from 'tracewright/component';
import { fakeClock, recordTraces, testTransport } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { closeShop, consumerOf, openShop, order, take } from '../message-shop.ts';
import { recordPlain } from '../plain-recording.ts';
import { parentsOf, type SeenSpan } from '../seen-span.ts';

const interests = { till: 'orders', ledger: 'refunds' };
const pairs = Object.entries(interests);

/** A database driver that traces itself, and gathers queries until a timer fires. */
async function queryDatabase(provider: TracerProvider): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  provider.getTracer('database-driver').startSpan('SELECT').end();
}

const queriesOf = (spans: readonly SeenSpan[]): readonly SeenSpan[] => spans.filter(({ name }) => name === 'SELECT');

export const identityLostInAMessageHandler = defineCase({
  id: 'identity-lost-in-a-message-handler',
  title: 'Two components of one process query the same database while they handle messages',
  source: 'pain',
  guarantee: 5,
  plain: {
    breakage: 'the component is on the span of the message alone: which of the two makes the slow queries cannot be asked',
    async run() {
      const plain = recordPlain();
      const broker = testTransport({ clock: fakeClock() });
      for (const [name, interest] of pairs) {
        await broker.send(interest, { id: 'A-1' });
        for (const delivery of await take(await consumerOf(broker, interest))) {
          const attributes = { 'component.name': name, 'footprint.identifier': 'mall' };
          await plain.tracer.startActiveSpan(`process ${interest}`, { attributes }, async (span) => {
            await queryDatabase(plain.provider);
            await delivery.ack();
            span.end();
          });
        }
      }
      assert.deepEqual(parentsOf(plain.spans, 'SELECT'), ['process orders', 'process refunds']);
      assert.deepEqual(
        queriesOf(plain.spans).map(({ attributes }) => attributes),
        [{}, {}],
      );
    },
  },
  tracewright: {
    promise: 'each query says for which component, of which revision of which footprint, and that the service asked',
    async run() {
      const clock = fakeClock();
      const transport = testTransport({ clock });
      using traces = recordTraces({ clock });
      const components = pairs.map(([name, interest]) =>
        defineComponent({
          name,
          interests: { [interest]: order },
          bootstrap: (_l, link) => void link.subscribe(interest, () => queryDatabase(traces.provider)),
        }),
      );
      const deployment = await openShop(components, { runtime: traces.runtime(), transport, clock });
      for (const [, interest] of pairs) await transport.send(interest, { id: 'A-1' });
      await clock.advance(0);
      await closeShop(deployment, clock);
      assert.deepEqual(parentsOf(traces.spans, 'SELECT'), ['process orders', 'process refunds']);
      assert.deepEqual(
        queriesOf(traces.spans).map(({ attributes }) => attributes),
        pairs.map(([name, interest]) => ({
          'component.name': name,
          'component.path': `mall/${name}/${interest}`,
          'footprint.identifier': 'mall',
          'footprint.revision': 1,
          'execution.context': 'service',
          'caller.id': 'service',
        })),
      );
    },
  },
});
