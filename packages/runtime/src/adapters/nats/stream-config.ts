import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { streamName } from './nats-names.ts';
import type { NatsSettings, NatsStreamSettings } from './nats-options.ts';

/** The stream that is made where no other holds `destination`. */
export function streamConfig(destination: string, settings: NatsStreamSettings): Partial<StreamConfig> & { name: string } {
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

/** The consumer of a group that is made where there is none. */
export function consumerConfig(name: string, destination: string, { ackWaitMs, maxAckPending }: NatsSettings): Partial<ConsumerConfig> {
  return {
    durable_name: name,
    filter_subject: destination,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(ackWaitMs),
    max_ack_pending: maxAckPending,
    // The managed consumer counts tries, and has a dead letter.
    max_deliver: -1,
  };
}
