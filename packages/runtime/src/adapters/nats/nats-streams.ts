import {
  AckPolicy,
  type ConsumerInfo,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type StreamInfo,
} from '@nats-io/jetstream';
import { millis, nanos } from '@nats-io/nats-core';
import { answered } from './answered.ts';
import { natsError, said } from './nats-error.ts';
import type { NatsLink } from './nats-link.ts';
import { consumerName } from './nats-names.ts';
import type { NatsSettings } from './nats-options.ts';
import { consumerConfig, streamConfig } from './stream-config.ts';

/** What holds a destination. */
export interface NatsStream {
  readonly name: string;
  /** How long it knows a message again by its id. */
  readonly duplicateWindowMs: number;
}

/** Where a group's messages come from. */
export interface NatsConsumer {
  readonly stream: string;
  readonly consumer: string;
}

/** Streams and consumers, made where they are missing. */
export class NatsStreams {
  readonly #manager: JetStreamManager;
  readonly #link: NatsLink;
  readonly #settings: NatsSettings;
  /** What is known to be there; several callers wait for one look. */
  readonly #known = new Map<string, Promise<NatsStream>>();

  constructor(manager: JetStreamManager, link: NatsLink, settings: NatsSettings) {
    this.#manager = manager;
    this.#link = link;
    this.#settings = settings;
  }

  /** The stream that holds `destination`: one that is there, or a new one. */
  streamOf(destination: string): Promise<NatsStream> {
    let known = this.#known.get(destination);
    if (known === undefined) {
      known = this.#findOrAdd(destination).catch((error: unknown) => {
        this.#known.delete(destination);
        const text = `no stream of NATS holds "${destination}", and none could be made: ${said(error)}`;
        throw natsError(text, { data: { destination }, cause: error });
      });
      this.#known.set(destination, known);
    }
    return known;
  }

  /** Looks again next time: somebody has removed the stream, or the server has forgotten it. */
  forget(destination: string): void {
    this.#known.delete(destination);
  }

  /** The consumer of `group`: the one that is there, or a new one that begins with the oldest message. */
  async consumerOf(group: string, destination: string): Promise<NatsConsumer> {
    try {
      return await this.#consumerOf(group, destination);
    } catch (error) {
      // Somebody has removed the stream since it was looked for.
      if (!(error instanceof Error) || !isMissing(error.cause, JetStreamApiCodes.StreamNotFound)) throw error;
      this.forget(destination);
      return await this.#consumerOf(group, destination);
    }
  }

  async #consumerOf(group: string, destination: string): Promise<NatsConsumer> {
    const { name: stream } = await this.streamOf(destination);
    const consumer = consumerName(group, destination);
    try {
      const { config } = (await this.#find(stream, consumer)) ?? (await this.#addConsumer(stream, { consumer, destination }));
      if (config.ack_policy !== AckPolicy.Explicit || config.deliver_subject !== undefined || config.filter_subject !== destination)
        throw natsError(`it is there already, and not one that pulls "${destination}" and acknowledges each message`);
      const { ackWaitMs, maxAckPending } = this.#settings;
      if (config.ack_wait !== nanos(ackWaitMs) || config.max_ack_pending !== maxAckPending)
        await this.#ask((manager) =>
          manager.consumers.update(stream, consumer, { ack_wait: nanos(ackWaitMs), max_ack_pending: maxAckPending }),
        );
      return { stream, consumer };
    } catch (error) {
      const text = `the consumer ${consumer} of the stream ${stream} of NATS cannot be used: ${said(error)}`;
      throw natsError(text, { data: { destination, group, stream, consumer }, cause: error });
    }
  }

  #find(stream: string, consumer: string): Promise<ConsumerInfo | undefined> {
    return this.#ask((manager) => manager.consumers.info(stream, consumer)).catch((error: unknown) => {
      if (isMissing(error, JetStreamApiCodes.ConsumerNotFound)) return undefined;
      throw error;
    });
  }

  #addConsumer(
    stream: string,
    { consumer, destination }: { readonly consumer: string; readonly destination: string },
  ): Promise<ConsumerInfo> {
    const config = consumerConfig(consumer, destination, this.#settings);
    return this.#ask((manager) => manager.consumers.add(stream, config));
  }

  async #findOrAdd(destination: string): Promise<NatsStream> {
    const found = await this.#streamWith(destination);
    if (found !== undefined) return found;
    try {
      const config = streamConfig(destination, this.#settings.stream);
      return streamOf(await this.#ask((manager) => manager.streams.add(config)));
    } catch (error) {
      // Somebody else was faster, with other settings.
      const meanwhile = await this.#streamWith(destination);
      if (meanwhile !== undefined) return meanwhile;
      throw error;
    }
  }

  async #streamWith(destination: string): Promise<NatsStream | undefined> {
    try {
      const name = await this.#ask((manager) => manager.streams.find(destination));
      return streamOf(await this.#ask((manager) => manager.streams.info(name)));
    } catch (error) {
      if (isMissing(error, JetStreamApiCodes.StreamNotFound)) return undefined;
      throw error;
    }
  }

  /** All that is asked here may be heard twice: what is there already is not made again. */
  #ask<T>(question: (manager: JetStreamManager) => Promise<T>): Promise<T> {
    return answered(this.#link, () => question(this.#manager));
  }
}

function streamOf({ config }: StreamInfo): NatsStream {
  return { name: config.name, duplicateWindowMs: millis(config.duplicate_window) };
}

function isMissing(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code;
}
