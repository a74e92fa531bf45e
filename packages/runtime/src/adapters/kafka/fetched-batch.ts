import type { KafkaMessage } from 'kafkajs';

/** What the brokers gave of one partition at once. */
export interface FetchedBatch {
  readonly messages: readonly KafkaMessage[];
  /** Control records are part of it, and no messages. */
  readonly lastOffset: number;
  /** Up to where the partition went when this was fetched. */
  readonly highWatermark: number;
}
