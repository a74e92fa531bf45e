import {
  AckPolicy,
  type ConsumerInfo,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { natsError, said } from './nats-error.ts';
import { consumerName, streamName } from './nats-names.ts';
import type { NatsSettings, NatsStreamSettings } from './nats-options.ts';

/** Where a group's messages come from. */
export interface NatsConsumer {
  readonly stream: string;
  readonly consumer: string;
}

/** Streams and consumers, made where they are missing. */
export class NatsStreams {
  readonly #manager: JetStreamManager;
  readonly #settings: NatsSettings;
  /** What is known to be there; several callers wait for one look. */
  readonly #known = new Map<string, Promise<string>>();

  constructor(manager: JetStreamManager, settings: NatsSettings) {
    this.#manager = manager;
    this.#settings = settings;
  }

  /** The stream that holds `destination`: one that is there, or a new one. */
  streamOf(destination: string): Promise<string> {
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
    const stream = await this.streamOf(destination);
    const consumer = consumerName(group, destination);
    try {
      const { config } = (await this.#find(stream, consumer)) ?? (await this.#addConsumer(stream, { consumer, destination }));
      if (config.ack_policy !== AckPolicy.Explicit || config.deliver_subject !== undefined || config.filter_subject !== destination)
        throw natsError(`it is there already, and not one that pulls "${destination}" and acknowledges each message`);
      const { ackWaitMs, maxAckPending } = this.#settings;
      if (config.ack_wait !== nanos(ackWaitMs) || config.max_ack_pending !== maxAckPending)
        await this.#manager.consumers.update(stream, consumer, { ack_wait: nanos(ackWaitMs), max_ack_pending: maxAckPending });
      return { stream, consumer };
    } catch (error) {
      const text = `the consumer ${consumer} of the stream ${stream} of NATS cannot be used: ${said(error)}`;
      throw natsError(text, { data: { destination, group, stream, consumer }, cause: error });
    }
  }

  #find(stream: string, consumer: string): Promise<ConsumerInfo | undefined> {
    return this.#manager.consumers.info(stream, consumer).catch((error: unknown) => {
      if (isMissing(error, JetStreamApiCodes.ConsumerNotFound)) return undefined;
      throw error;
    });
  }

  #addConsumer(
    stream: string,
    { consumer, destination }: { readonly consumer: string; readonly destination: string },
  ): Promise<ConsumerInfo> {
    const { ackWaitMs, maxAckPending } = this.#settings;
    return this.#manager.consumers.add(stream, {
      durable_name: consumer,
      filter_subject: destination,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: maxAckPending,
      // The managed consumer counts tries, and has a dead letter.
      max_deliver: -1,
    });
  }

  async #findOrAdd(destination: string): Promise<string> {
    const found = await this.#streamWith(destination);
    if (found !== undefined) return found;
    try {
      const { config } = await this.#manager.streams.add(streamConfig(destination, this.#settings.stream));
      return config.name;
    } catch (error) {
      // Somebody else was faster, with other settings.
      const meanwhile = await this.#streamWith(destination);
      if (meanwhile !== undefined) return meanwhile;
      throw error;
    }
  }

  #streamWith(destination: string): Promise<string | undefined> {
    return this.#manager.streams.find(destination).catch((error: unknown) => {
      if (isMissing(error, JetStreamApiCodes.StreamNotFound)) return undefined;
      throw error;
    });
  }
}

function isMissing(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code;
}

function streamConfig(destination: string, settings: NatsStreamSettings): Partial<StreamConfig> & { name: string } {
  const { storage, replicas, maxAgeMs, maxBytes, maxMessages, duplicateWindowMs } = settings;
  return {
    name: streamName(destination),
    subjects: [destination],
    // Each group has messages of its own; what one has handled, another may still want.
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    storage: storage === 'memory' ? StorageType.Memory : StorageType.File,
    num_replicas: replicas,
    max_age: nanos(maxAgeMs),
    max_bytes: maxBytes ?? -1,
    max_msgs: maxMessages ?? -1,
    duplicate_window: nanos(duplicateWindowMs),
  };
}
