import type { MemoryDelivery } from './memory-delivery.ts';
import type { MemorySource } from './memory-source.ts';
import type { HeapItem } from './ordered-heap.ts';
import type { StoredMessage } from './stored-message.ts';

/** A delivery that is not settled yet, and who has it. */
interface Held {
  readonly delivery: MemoryDelivery;
  readonly by: MemorySource;
}

/**
 * A message on its way through one group. It is in one of four states: ready (in the group's heap of these), held by a member or delayed (in the
 * schedule), or behind an unsettled message with the same key (in no heap: that one points to it).
 */
export class QueuedMessage implements HeapItem {
  readonly message: StoredMessage;
  /** Its place in the order of publication. */
  readonly sequence: number;
  heapIndex = -1;
  /** How often it was handed out. */
  deliveries = 0;
  /** When it becomes ready by itself; monotonic milliseconds. */
  dueMs = 0;
  held: Held | undefined;
  /** Becomes ready when this one is done with. */
  nextOfKey: QueuedMessage | undefined;

  constructor(message: StoredMessage, sequence: number) {
    this.message = message;
    this.sequence = sequence;
  }
}

export function isPublishedBefore(one: QueuedMessage, other: QueuedMessage): boolean {
  return one.sequence < other.sequence;
}

export function isDueBefore(one: QueuedMessage, other: QueuedMessage): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.sequence < other.sequence);
}
