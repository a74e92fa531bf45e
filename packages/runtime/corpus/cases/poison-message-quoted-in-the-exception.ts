import assert from 'node:assert/strict';
import { SpanStatusCode } from '@opentelemetry/api';
import { type Codec, defineComponent, json, type StandardSchemaV1 } from 'tracewright/component';
import { fakeClock, plantCanaries, recordTraces, testTransport } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { closeShop, consumerOf, openShop, take } from '../message-shop.ts';
import { recordPlain } from '../plain-recording.ts';

/** Who refuses something says what it was: a parser, a schema, and the handler. */
function parse(body: Uint8Array): unknown {
  const text = Buffer.from(body).toString();
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new SyntaxError(`no JSON: ${text}`, { cause });
  }
}

function requireCard(value: unknown): string {
  if (typeof value !== 'string' || !/^\d{16}$/.test(value)) throw new RangeError(`no number of a card: ${JSON.stringify(value)}`);
  return value;
}

const card: StandardSchemaV1<string, string> = {
  '~standard': {
    version: 1,
    vendor: 'corpus',
    validate(value) {
      if (typeof value === 'string') return { value };
      return { issues: [{ message: `expected a text, got ${JSON.stringify(value)}` }] };
    },
  },
};

const codec: Codec = { ...json, decode: parse };

/** Cut off, of another shape, and of the right shape but wrong. */
function poisonFrom(marker: string): readonly string[] {
  return [`{"card":${marker}`, JSON.stringify({ card: marker }), JSON.stringify(marker)];
}

export const poisonMessageQuotedInTheException = defineCase({
  id: 'poison-message-quoted-in-the-exception',
  title: 'Messages cannot be read, do not fit, or are refused, and each error quotes what it got',
  source: 'pain',
  guarantee: 7,
  plain: {
    breakage: 'what was in the message is in the exception and the status of its span, and comes again with each delivery',
    async run() {
      const plain = recordPlain();
      const canaries = plantCanaries(['card']);
      const broker = testTransport({ clock: fakeClock() });
      const source = await consumerOf(broker, 'cards');
      for (const body of poisonFrom(canaries.values.card)) await broker.send('cards', body);
      for (const delivery of await take(source, 3)) {
        plain.tracer.startActiveSpan('process cards', (span) => {
          try {
            requireCard(parse(delivery.body));
          } catch (error) {
            assert.ok(error instanceof Error);
            span.recordException(error);
            span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
          } finally {
            span.end();
          }
        });
      }
      assert.equal(plain.spans.length, 3);
      for (const { status, events } of plain.spans) {
        assert.notDeepEqual(canaries.search(String(status.message)), []);
        assert.notDeepEqual(canaries.search(String(events[0]?.attributes['exception.message'])), []);
      }
    },
  },
  tracewright: {
    promise:
      'errors about payloads, and of work that is declared to carry content, keep their type and lose their message; the dead letter has the body',
    async run() {
      const clock = fakeClock();
      const transport = testTransport({ clock });
      using traces = recordTraces({ clock });
      const canaries = plantCanaries(['card']);
      const poison = poisonFrom(canaries.values.card);
      const shop = defineComponent({
        name: 'shop',
        interests: { cards: { schema: card, codec } },
        bootstrap(_l, link) {
          const charge = { name: 'charge', carriesContent: true };
          link.subscribe('cards', ({ payload }, scope) => scope.run(charge, () => requireCard(payload)), { retry: { maxAttempts: 1 } });
        },
      });
      const deployment = await openShop([shop], { runtime: traces.runtime(), transport, clock });
      for (const body of poison) await transport.send('cards', body);
      await clock.advance(0);
      await closeShop(deployment, clock);
      const processed = traces.spans.filter(({ name }) => name === 'process cards');
      assert.deepEqual(
        processed.map(({ status, attributes }) => [status, attributes['error.type'], attributes['tracewright.settled']]),
        ['TW_BAD_PAYLOAD', 'TW_BAD_PAYLOAD', 'RangeError'].map((type) => [{ code: 'ERROR', message: type }, type, 'dead_letter']),
      );
      assert.deepEqual(canaries.search(traces.export()), []);
      assert.deepEqual(
        transport.sent('cards.dead').map(({ body }) => Buffer.from(body).toString()),
        poison,
      );
    },
  },
});
