import { defaultTextMapGetter, defaultTextMapSetter, SpanKind } from '@opentelemetry/api';
import { memoryTransport, type Delivery, type Transport, type TransportConnection } from 'tracewright/component';
import { randomUUID } from 'node:crypto';
import type { RunComparison } from './compare-runs.ts';
import { published, requireAll, subscribed } from './deployed.ts';
import { checked, decode, type Incoming, inConsumerSpan, inProducerSpan } from './message-span.ts';
import { type Cost, Meter } from './meter.ts';
import { type MeteredSdk, meteredSdk } from './sdk-for-messages.ts';
import { traceparent } from './traceparent.ts';

const destination = 'bench.numbers';
const encoder = new TextEncoder();
const { signal } = new AbortController();
/** Nothing waits in memory: more at once would only take turns. */
const concurrency = 1;
const prefetch = 100;
const subscription = 'link.subscribe';
const bareReceive = 'receive and ack, one bare span';
const noSpan = 'receive and ack, no span';
const linkPublish = 'link.publish';
const barePublish = 'publish, one bare span';

/**
 * Row 7: messages in memory. Received: they wait in the transport, sent with a `traceparent` by its own connection, and are handled by a subscription, or by a loop
 * over that connection. Sent: by a link, or by that connection.
 */
export function messagesInMemory(total: number): RunComparison[] {
  const consumers = meteredSdk(SpanKind.CONSUMER);
  const producers = meteredSdk(SpanKind.PRODUCER);
  const common = { destination, total, concurrency };
  return [
    {
      title: 'messages in memory, received',
      variants: {
        [noSpan]: async () => await receiveBare(await filled(total), total, undefined),
        [bareReceive]: async () => await receiveBare(await filled(total), total, consumers),
        [subscription]: async () =>
          await subscribed({ ...common, ...consumers, transport: await filled(total) }, consumers.processor, prefetch),
      },
      ratios: [
        { figure: '7', of: subscription, to: bareReceive },
        { figure: '7 to no span', of: subscription, to: noSpan },
      ],
    },
    {
      title: 'messages in memory, sent',
      variants: {
        [barePublish]: () => publishBare(total, producers),
        [linkPublish]: () => published({ ...common, ...producers, transport: empty(total) }, producers.processor),
      },
      ratios: [{ figure: '7 sent', of: linkPublish, to: barePublish }],
    },
  ];
}

function empty(total: number): Transport {
  return memoryTransport({ maxBacklog: total });
}

async function filled(total: number): Promise<Transport> {
  const transport = empty(total);
  const connection = await connect(transport);
  for (let n = 0; n < total; n += 1) {
    const body = encoder.encode(JSON.stringify({ n }));
    await connection.publish(destination, { id: randomUUID(), body, headers: { traceparent: traceparent(n) } }, signal);
  }
  return transport;
}

function connect(transport: Transport): Promise<TransportConnection> {
  return transport.connect({ clientName: 'bench', signal });
}

async function receiveBare(transport: Transport, total: number, sdk: MeteredSdk | undefined): Promise<Cost> {
  const meter = new Meter(total);
  let sum = 0;
  const handle = async ({ n }: { readonly n: number }): Promise<void> => {
    meter.begun();
    sum += n;
  };
  const connection = await connect(transport);
  const source = await connection.subscribe(destination, { group: 'bench', prefetch, signal });
  if (sdk !== undefined) sdk.processor.meter = meter;
  const work = sdk === undefined ? undefined : inConsumerSpan({ ...sdk, system: 'memory', destination }, defaultTextMapGetter, handle);
  for (let received = 0; received < total; ) {
    for (const delivery of await source.receive(prefetch, signal)) {
      received += 1;
      if (work !== undefined) await work(incoming(delivery));
      else {
        await handle(await decode(delivery.body));
        await delivery.ack();
        meter.ended();
      }
    }
  }
  const cost = await meter.done;
  await connection.close();
  return requireAll(cost, sum, total);
}

function incoming(delivery: Delivery): Incoming<Delivery['headers']> {
  const { id, attempt, publishedAt = 0, body, headers } = delivery;
  return { id, attempt, publishedAt, body, carrier: headers, settle: () => delivery.ack() };
}

async function publishBare(total: number, sdk: MeteredSdk): Promise<Cost> {
  const meter = new Meter(total);
  sdk.processor.meter = meter;
  const connection = await connect(empty(total));
  const send = inProducerSpan({ ...sdk, system: 'memory', destination }, defaultTextMapSetter);
  meter.begun();
  for (let n = 0; n < total; n += 1) {
    const id = randomUUID();
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    await send(id, headers, async () => {
      const body = encoder.encode(JSON.stringify(await checked({ n })));
      await connection.publish(destination, { id, body, headers }, signal);
    });
  }
  return await meter.done;
}
