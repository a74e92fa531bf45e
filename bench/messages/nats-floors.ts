import type { JsMsg } from '@nats-io/jetstream';
import { headers as natsHeaders, type MsgHdrs } from '@nats-io/nats-core';
import type { TextMapGetter, TextMapSetter } from '@opentelemetry/api';
import { randomUUID } from 'node:crypto';
import type { Numbered } from '../numbered.ts';
import { requireAll } from './deployed.ts';
import { checked, decode, inConsumerSpan, type Incoming, inProducerSpan } from './message-span.ts';
import { type Cost, Meter } from './meter.ts';
import { type NatsBench, received, sent } from './nats-streams.ts';
import type { MeteredSdk } from './sdk-for-messages.ts';

const encoder = new TextEncoder();
const nanosPerMs = 1_000_000;

const getter: TextMapGetter<MsgHdrs> = { get: (carrier, key) => carrier.get(key), keys: (carrier) => carrier.keys() };
const setter: TextMapSetter<MsgHdrs> = { set: (carrier, key, value) => carrier.set(key, value) };

/** What all loops over the client share. */
export interface LoopSetting {
  readonly bench: NatsBench;
  readonly total: number;
  readonly concurrency: number;
  readonly prefetch: number;
}

interface Counting {
  readonly meter: Meter;
  readonly handle: (payload: Numbered) => Promise<void>;
  readonly finish: () => Promise<Cost>;
}

function counting(total: number): Counting {
  const meter = new Meter(total);
  let sum = 0;
  const handle = async ({ n }: Numbered): Promise<void> => {
    meter.begun();
    sum += n;
  };
  return { meter, handle, finish: async () => requireAll(await meter.done, sum, total) };
}

/**
 * The client's callback, which costs less than its iterator, with one bare span for each message: as many in work as a subscription has, each acknowledgement
 * confirmed, as a subscription's is. It does not hold the client back: what is not in work waits in a list.
 */
export async function withSpan({ bench, total, concurrency, prefetch }: LoopSetting, sdk: MeteredSdk): Promise<Cost> {
  const { meter, handle, finish } = counting(total);
  sdk.processor.meter = meter;
  const work = inConsumerSpan({ ...sdk, system: 'nats', destination: received }, getter, handle);
  const arrived: JsMsg[] = [];
  let begun = 0;
  let inWork = 0;
  const begin = (): void => {
    while (inWork < concurrency) {
      const message = arrived[begun];
      if (message === undefined) return;
      begun += 1;
      inWork += 1;
      void work(incoming(message)).then(end);
    }
  };
  const end = (): void => {
    inWork -= 1;
    begin();
  };
  const callback = (message: JsMsg): void => {
    arrived.push(message);
    begin();
  };
  const messages = await (await bench.consumer()).consume({ max_messages: prefetch, callback });
  const cost = await finish();
  await messages.close();
  return cost;
}

function incoming(message: JsMsg): Incoming<MsgHdrs> {
  const carrier = message.headers ?? natsHeaders();
  const { deliveryCount, timestampNanos } = message.info;
  const publishedAt = timestampNanos / nanosPerMs;
  return {
    id: carrier.get('tracewright-id'),
    attempt: deliveryCount,
    publishedAt,
    body: message.data,
    carrier,
    settle: () => message.ackAck(),
  };
}

/** The client's loop as its documentation has it: one message after the other, no span, acknowledgements that nobody confirms. */
export async function plainLoop({ bench, total, prefetch }: LoopSetting): Promise<Cost> {
  const { meter, handle, finish } = counting(total);
  const messages = await (await bench.consumer()).consume({ max_messages: prefetch });
  let seen = 0;
  for await (const message of messages) {
    await handle(await decode(message.data));
    message.ack();
    meter.ended();
    seen += 1;
    if (seen === total) break;
  }
  return await finish();
}

/** The most that the client can do: a callback, so that many acknowledgements leave in one write; no span, nothing confirmed, no limit of what is in work. */
export async function plainCallback({ bench, total, prefetch }: LoopSetting): Promise<Cost> {
  const { meter, handle, finish } = counting(total);
  const work = async (message: JsMsg): Promise<void> => {
    await handle(await decode(message.data));
    message.ack();
    meter.ended();
  };
  const messages = await (await bench.consumer()).consume({ max_messages: prefetch, callback: (message) => void work(message) });
  const cost = await finish();
  await messages.close();
  return cost;
}

/** Publishes with one bare span for each message, as many at once as a component does, each confirmed by the stream. */
export async function publishWithSpan({ bench, total, concurrency }: LoopSetting, sdk: MeteredSdk): Promise<Cost> {
  const meter = new Meter(total);
  sdk.processor.meter = meter;
  const send = inProducerSpan({ ...sdk, system: 'nats', destination: sent }, setter);
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < total) {
      const n = next;
      next += 1;
      const id = randomUUID();
      const headers = natsHeaders();
      headers.set('tracewright-id', id);
      headers.set('content-type', 'application/json');
      await send(id, headers, async () => {
        await bench.jetstream.publish(sent, encoder.encode(JSON.stringify(await checked({ n }))), { headers, msgID: id });
      });
    }
  };
  meter.begun();
  await Promise.all(Array.from({ length: concurrency }, sender));
  return await meter.done;
}
