import type { Kafka } from 'kafkajs';
import type { GroupStart } from './group-start.ts';
import type { KafkaSettings } from './kafka-options.ts';
import type { FetchedBatch } from './fetched-batch.ts';

export interface GroupPlace {
  readonly groupId: string;
  readonly topic: string;
}

export interface PartitionOffset {
  readonly partition: number;
  /** Of the next message that is wanted. */
  readonly offset: number;
}

/** What a member tells of the group. */
export interface GroupEvents {
  /** The partitions are handed out anew, and it is not known yet who gets which. */
  onRebalance(): void;
  /** The group has said which partitions are ours. Where `isNew`, it had taken us for gone before, and others may have had all of them meanwhile. */
  onAssigned(partitions: readonly number[], isNew: boolean): void;
  /** Messages of one partition have come. Gives false where they are not wanted. */
  onMessages(partition: number, batch: FetchedBatch): boolean;
  /** Whether no more are wanted for now. */
  isFull(): boolean;
  /** The group is left, and nobody has asked for it. */
  onLost(error: Error): void;
}

export interface MembershipOptions {
  readonly kafka: Kafka;
  readonly settings: KafkaSettings;
  readonly destination: string;
  readonly groupId: string;
  readonly prefetch: number;
  /** Left out where a new group begins with the oldest message. */
  readonly start?: GroupStart | undefined;
}
