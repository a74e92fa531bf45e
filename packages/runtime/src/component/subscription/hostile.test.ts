import { inspect } from 'node:util';
import {
  bytes,
  type Codec,
  type Contract,
  defineComponent,
  deploy,
  type Link,
  memoryTransport,
  type Transport,
} from 'tracewright/component';
import { fakeClock, recordTraces, type TraceRecorder } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const { signal } = new AbortController();
type Orders = Link<{ out: Contract }, { orders: Contract }>;

/** A component over a broker in memory, with a clock that stands still. `subscribe` gets its link. */
async function open(
  subscribe: (link: Orders) => unknown,
  {
    contract = z.any(),
    wrap = (transport: Transport) => transport,
  }: { contract?: Contract; wrap?: (transport: Transport) => Transport } = {},
) {
  const traces = recordTraces();
  const clock = fakeClock();
  const transport = memoryTransport({ clock, ackTimeoutMs: 3000 });
  const shop = defineComponent({ name: 'shop', interests: { orders: contract }, bootstrap: (_l, link) => void subscribe(link as Orders) });
  const given = { identifier: 'fp', revision: 1, allocations: [{ component: 'shop' }] };
  const deployment = await deploy(given, {
    runtime: traces.runtime({ clock }),
    components: [shop],
    transport: wrap(transport),
    drainTimeoutMs: 1000,
  });
  await deployment.ready;
  const outside = await transport.connect({ clientName: 'outside', signal });
  const send = async (body: string, headers: Record<string, string> = {}): Promise<void> => {
    await outside.publish('orders', { id: 'm-1', body: utf8(body), headers }, signal);
    await clock.advance(0);
  };
  const dead = async () => {
    const source = await outside.subscribe('orders.dead', { group: 'reader', prefetch: 10, signal });
    return await source.receive(10, AbortSignal.timeout(50));
  };
  const stop = async (): Promise<void> => {
    const stopped = deployment.stop();
    await clock.advance(5000);
    await stopped;
  };
  return { traces, clock, deployment, send, dead, stop };
}

const processed = ({ spans }: TraceRecorder): unknown[] =>
  spans.flatMap(({ name, attributes }) => (name.startsWith('process ') ? [attributes['tracewright.settled']] : []));

test('what a handler does to its bytes is done to no other try, and not to the dead letter', async () => {
  const seen: string[] = [];
  const contract = { schema: z.instanceof(Uint8Array), codec: bytes };
  const shop = await open(
    (link) =>
      link.subscribe(
        'orders',
        ({ payload }) => {
          const body = payload as Uint8Array;
          seen.push(new TextDecoder().decode(body));
          body.fill(120);
          throw new Error('no stock');
        },
        { order: 'all', retry: { maxAttempts: 2, delayMs: 1, maxDelayMs: 1 } },
      ),
    { contract },
  );
  using _traces = shop.traces;
  await shop.send('hello');
  await shop.clock.advance(100);
  expect(seen).toEqual(['hello', 'hello']);
  expect((await shop.dead())[0]?.body).toEqual(utf8('hello'));
  await shop.stop();
});

test.each<[string, (messages: readonly unknown[]) => unknown]>([
  ['payloads', (messages) => messages.map((message) => (message as { payload: unknown }).payload)],
  ['holes', () => Array.from({ length: 1 }).fill(undefined)],
  ['strangers', () => [{ message: { payload: { card: 'CANARY-4111' } }, error: 1 }]],
])('G7: a batch handler that gives %s back has failed, and shows nothing of it', async (_, wrong) => {
  const shop = await open((link) => link.subscribe('orders', wrong as never, { batch: { size: 1 } }));
  using traces = shop.traces;
  await shop.send('{"card":"CANARY-4111"}');
  expect(traces.find('process orders').attributes['error.type']).toBe('TW_BAD_OPTION');
  expect(inspect(traces.spans, { depth: 9 })).not.toContain('CANARY');
  await shop.stop();
});

test('a batch handler may name its failures by copies of the messages', async () => {
  const shop = await open((link) =>
    link.subscribe('orders', (messages) => messages.map((message) => ({ message: { ...message }, error: new Error('no stock') })), {
      batch: { size: 1 },
    }),
  );
  using traces = shop.traces;
  await shop.send('{}');
  expect(traces.find('process orders').attributes['error.type']).toBe('TW_BATCH_FAILED');
  await shop.stop();
});

test.each<[string, Contract]>([
  [
    'a schema that throws',
    z.any().transform((value: { card: string }) => {
      throw new Error(`cannot take ${value.card}`);
    }),
  ],
  [
    'a codec that rejects',
    {
      schema: z.any(),
      codec: {
        contentType: 'x/y',
        encode: () => utf8(''),
        decode: (body) => Promise.reject(new Error(`no ${String(body)} CANARY`)),
      } satisfies Codec,
    },
  ],
])('G7: %s sends the message to the dead letter, and shows nothing of it', async (_, contract) => {
  const shop = await open((link) => link.subscribe('orders', () => undefined), { contract });
  using traces = shop.traces;
  await shop.send('{"card":"CANARY-4111"}');
  expect(traces.find('process orders').attributes).toMatchObject({ 'tracewright.settled': 'dead_letter', 'error.type': 'TW_BAD_PAYLOAD' });
  expect(inspect(traces.spans, { depth: 9 })).not.toContain('CANARY');
  await shop.stop();
});

test('a message that is given up twice still came from where it came from first, and mixes no traces', async () => {
  const shop = await open((link) =>
    link.subscribe('orders', () => Promise.reject(new Error('no\u0001 stock')), { retry: { maxAttempts: 1 } }),
  );
  using _traces = shop.traces;
  const first = { 'tracewright-dead-letter-origin': 'elsewhere', 'tracewright-dead-letter-traceparent': 'the first' };
  await shop.send('{}', { ...first, traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`, tracestate: 'old=1', 'x-shop': 'north' });
  const [dead] = await shop.dead();
  expect(dead?.headers).toMatchObject({ ...first, 'x-shop': 'north', 'tracewright-dead-letter-message': 'no  stock' });
  expect(dead?.headers).not.toHaveProperty('tracestate');
  await shop.stop();
});

test('an error that cannot be read is tried again as any other', async () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  let tries = 0;
  const shop = await open((link) =>
    link.subscribe('orders', () => ((tries += 1) === 1 ? Promise.reject(proxy as Error) : undefined), {
      retry: { delayMs: 10, maxDelayMs: 10 },
    }),
  );
  using traces = shop.traces;
  await shop.send('{}');
  await shop.clock.advance(100);
  expect(processed(traces)).toEqual(['retry', 'ack']);
  await shop.stop();
});

test('where the broker waits but does not count, tries are counted here: there is an end of them', async () => {
  const blind = (transport: Transport): Transport => ({
    ...transport,
    capabilities: { ...transport.capabilities, countsDeliveries: false },
    connect: async (options) => {
      const connection = await transport.connect(options);
      return {
        publish: (...given) => connection.publish(...given),
        close: () => connection.close(),
        subscribe: async (...given) => {
          const source = await connection.subscribe(...given);
          const receive = async (...wanted: Parameters<typeof source.receive>) =>
            (await source.receive(...wanted)).map(
              (delivery) =>
                Object.create(delivery, {
                  attempt: { value: 1 },
                  ack: { value: () => delivery.ack() },
                  retry: { value: (ms: number) => delivery.retry(ms) },
                  extend: { value: () => delivery.extend() },
                  body: { value: delivery.body },
                  headers: { value: delivery.headers },
                  id: { value: delivery.id },
                  key: { value: delivery.key },
                  publishedAt: { value: delivery.publishedAt },
                }) as typeof delivery,
            );
          return { receive, close: () => source.close() };
        },
      };
    },
  });
  const shop = await open(
    (link) =>
      link.subscribe('orders', () => Promise.reject(new Error('no stock')), { retry: { maxAttempts: 3, delayMs: 10, maxDelayMs: 10 } }),
    { wrap: blind },
  );
  using _traces = shop.traces;
  await shop.send('{}');
  await shop.clock.advance(1000);
  const [dead] = await shop.dead();
  expect(dead?.headers['tracewright-dead-letter-attempts']).toBe('3');
  await shop.stop();
});

test('G11: work that never ends keeps no timer once its component was terminated', async () => {
  const shop = await open((link) => link.subscribe('orders', () => new Promise(() => undefined)));
  using traces = shop.traces;
  traces.expectProblems();
  await shop.send('{}');
  shop.deployment.lifecycle.terminate();
  await shop.clock.advance(10_000);
  await shop.deployment.done;
  expect(shop.clock.pending).toBe(0);
});

test.each<[string, Parameters<Orders['publish']>[2], string]>([
  ['a key that is none', { key: { card: 'CANARY' } as never }, 'publish.key must be a non-empty string, received an object with card'],
  [
    'a header of two lines',
    { headers: { 'x-shop': 'CANARY\r\nx: y' } },
    'publish.headers.x-shop must be a string of one line, received a string',
  ],
])('a publication is refused with %s', async (_, options, message) => {
  let refused: unknown;
  const component = defineComponent({
    name: 'shop',
    aspects: { out: z.any() },
    async bootstrap(_l, link) {
      refused = await link.publish('out', 1, options).catch((error: unknown) => error);
    },
  });
  using traces = recordTraces();
  const given = { identifier: 'fp', revision: 1, allocations: [{ component: 'shop' }] };
  const deployment = await deploy(given, { runtime: traces.runtime(), components: [component], transport: memoryTransport() });
  await deployment.done;
  expect(refused).toMatchObject({ code: 'TW_BAD_OPTION', message });
});
