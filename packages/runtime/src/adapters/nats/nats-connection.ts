import { errors, type MsgHdrs } from '@nats-io/nats-core';
import type { JetStreamClient } from '@nats-io/jetstream';
import { requireCount, requireText } from '../../kernel/check.ts';
import { systemClock } from '../../kernel/clock.ts';
import { badOption, isTracewrightError } from '../../kernel/errors.ts';
import type { MessageSource, OutgoingMessage, SubscribeOptions, TransportConnection } from '../../component/transport.ts';
import { abortable } from '../../kernel/abortable.ts';
import { answered } from './answered.ts';
import { bytesOf, encodeHeaders } from './message-headers.ts';
import { natsError, said } from './nats-error.ts';
import type { NatsLink } from './nats-link.ts';
import { requireSubject } from './nats-names.ts';
import { NatsSource } from './nats-source.ts';
import type { NatsStreams } from './nats-streams.ts';

export interface NatsConnectionOptions {
  readonly clientName: string;
  readonly link: NatsLink;
  readonly jetstream: JetStreamClient;
  readonly streams: NatsStreams;
  readonly ackWaitMs: number;
}

interface Encoded {
  readonly destination: string;
  readonly body: Uint8Array;
  readonly headers: MsgHdrs;
}

/** One user of the server, with a TCP connection of its own. */
export class NatsTransportConnection implements TransportConnection {
  readonly #options: NatsConnectionOptions;
  readonly #sources = new Set<NatsSource>();
  #closing: Promise<void> | undefined;

  constructor(options: NatsConnectionOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the stream has the message. One that is on its way when the connection is lost is sent again when that is back, with the same id for the
   * stream to remove duplicates by, or fails at once when the stream would take it for another one by then.
   */
  async publish(destination: string, message: OutgoingMessage, signal: AbortSignal): Promise<void> {
    this.#requireOpen();
    signal.throwIfAborted();
    requireSubject('destination', destination);
    const { body } = message;
    if (!(body instanceof Uint8Array)) throw badOption('message.body', 'a Uint8Array', typeof body);
    const encoded = { destination, body, headers: encodeHeaders(destination, message) };
    await abortable(this.#publish(encoded, signal), signal);
  }

  async subscribe(destination: string, { group, prefetch, signal }: SubscribeOptions): Promise<MessageSource> {
    this.#requireOpen();
    signal.throwIfAborted();
    requireSubject('destination', destination);
    requireText('group', group);
    requireCount('prefetch', prefetch);
    const { link, streams, ackWaitMs } = this.#options;
    await link.whenUp(signal);
    const place = await abortable(streams.consumerOf(group, destination), signal);
    this.#requireOpen();
    const onClosed = this.#forget;
    const source = new NatsSource({ link, streams, destination, group, prefetch, ackWaitMs, place, onClosed });
    this.#sources.add(source);
    return source;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  readonly #forget = (source: NatsSource): void => {
    this.#sources.delete(source);
  };

  async #publish(encoded: Encoded, signal: AbortSignal): Promise<void> {
    const { destination } = encoded;
    const { link, streams } = this.#options;
    await link.whenUp(signal);
    this.#requireSize(encoded);
    try {
      await this.#confirmed(encoded, signal).catch((error: unknown) => {
        // Nobody has got it: the stream is gone. It is made again, once.
        if (!hasNoResponders(error)) throw error;
        streams.forget(destination);
        return this.#confirmed(encoded, signal);
      });
    } catch (error) {
      if (isTracewrightError(error)) throw error;
      throw natsError(`NATS did not confirm a message to "${destination}": ${said(error)}`, { data: { destination }, cause: error });
    }
  }

  /** Sends a message until the stream has it. It is sent again, after the connection was lost, only while the stream would know it again. */
  async #confirmed({ destination, body, headers }: Encoded, signal: AbortSignal): Promise<void> {
    const { link, jetstream, streams } = this.#options;
    const { duplicateWindowMs } = await streams.streamOf(destination);
    let sentAt = 0;
    const ask = (restMs: number, isAgain: boolean): Promise<unknown> => {
      if (!isAgain) {
        sentAt = systemClock.monotonic();
        return jetstream.publish(destination, body, { headers, timeout: restMs });
      }
      const knownMs = Math.floor(sentAt + duplicateWindowMs - systemClock.monotonic());
      if (knownMs <= 0) throw nobodyKnows(destination, duplicateWindowMs);
      return jetstream.publish(destination, body, { headers, timeout: Math.min(restMs, knownMs) });
    };
    await answered(link, ask, signal);
  }

  #requireSize({ destination, body, headers }: Encoded): void {
    const maxBytes = this.#options.link.client.info?.max_payload;
    const bytes = body.length + bytesOf(headers);
    if (maxBytes === undefined || bytes <= maxBytes) return;
    const text = `a message to "${destination}" has ${bytes} bytes, and the NATS server takes at most ${maxBytes} (max_payload, headers included)`;
    throw natsError(text, { data: { destination, bytes, maxBytes, isTooLarge: true } });
  }

  async #close(): Promise<void> {
    const { link } = this.#options;
    await Promise.all([...this.#sources].map((source) => source.close()));
    await link.flush();
    await link.client.close();
  }

  #requireOpen(): void {
    if (this.#closing === undefined) return;
    const { clientName } = this.#options;
    throw natsError(`the connection of "${clientName}" to NATS is closed`, { data: { clientName } });
  }
}

function nobodyKnows(destination: string, duplicateWindowMs: number): Error {
  const text = `the connection was lost before NATS confirmed a message to "${destination}", which may have arrived; its stream knows no message again after ${duplicateWindowMs} ms`;
  return natsError(text, { data: { destination, duplicateWindowMs } });
}

function hasNoResponders(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof errors.RequestError && error.cause.isNoResponders();
}
